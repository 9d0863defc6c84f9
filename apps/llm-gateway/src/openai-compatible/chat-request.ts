/** What is asked, in the words of the chat completions API. */
import type { Message, ToolDeclaration } from '@runledger/contracts';
import type { ModelRequest } from '../models/model-provider.ts';

export interface ChatDialect {
  /** The field that bounds the output. Reasoning models of OpenAI take `max_completion_tokens` only; most others know `max_tokens`. */
  readonly outputTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Whether `stream_options` may be sent, without which most servers count no tokens of a stream. */
  readonly streamUsage: boolean;
}

export function chatRequest(request: ModelRequest, { outputTokensField, streamUsage }: ChatDialect): Record<string, unknown> {
  const { model, messages, tools, temperature, outputTokensMax } = request;
  return {
    model,
    messages: messages.map(chatMessage),
    ...(tools.length > 0 && { tools: tools.map(chatTool) }),
    ...(temperature !== undefined && { temperature }),
    ...(outputTokensMax !== undefined && { [outputTokensField]: outputTokensMax }),
    stream: true,
    ...(streamUsage && { stream_options: { include_usage: true } }),
  };
}

function chatTool({ name, description, inputSchema }: ToolDeclaration): Record<string, unknown> {
  return { type: 'function', function: { name, description, parameters: inputSchema } };
}

function chatMessage(message: Message): Record<string, unknown> {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.text };
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: message.text };
    case 'assistant': {
      const calls = message.toolCalls ?? [];
      if (calls.length === 0) return { role: 'assistant', content: message.text ?? '' };
      const tool_calls = calls.map(({ id, tool, arguments: text }) => ({ id, type: 'function', function: { name: tool, arguments: text } }));
      return { role: 'assistant', content: message.text, tool_calls };
    }
  }
}
