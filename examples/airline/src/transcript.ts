/** What was said and done in a conversation, and what the scorer wants to know of it. */
export type Message =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string | null; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly callId: string; readonly name: string; readonly content: string };

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** As the model wrote them. */
  readonly argumentsText: string;
}

const stop = '###STOP###';
const endsConversation = 'transfer_to_human_agents';

/** The user said so, or the agent's last call was the transfer to a person; otherwise it stopped at a limit. */
export function endedByItself(messages: readonly Message[]): boolean {
  const last = messages.at(-1);
  if (last?.role === 'user' && last.content.includes(stop)) return true;
  return messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : [])).at(-1)?.name === endsConversation;
}

/** What the agent said to the user. The text beside a tool call was not said: the user never saw it. */
export function agentUtterances(messages: readonly Message[]): readonly string[] {
  return messages.flatMap((message) =>
    message.role === 'assistant' && message.toolCalls.length === 0 && message.content !== null ? [message.content] : [],
  );
}
