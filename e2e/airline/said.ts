/** The messages of a run, put together from its public events alone. */
import { type CloudEvent } from '@runledger/sdk';

type Said =
  | { readonly role: 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string | null; readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly argumentsText: string }[] }
  | { readonly role: 'tool'; readonly callId: string; readonly name: string; readonly content: string };

interface Assistant {
  readonly text: string | null;
  readonly toolCalls?: readonly { readonly id: string; readonly tool: string; readonly arguments: string }[];
}

interface Content {
  readonly hash: string;
  readonly body?: unknown;
}

/** Content stands in full where it comes first, and by its hash afterwards. */
export function said(events: readonly CloudEvent[]): { readonly instructions: string; readonly messages: readonly Said[] } {
  const bodies = new Map<string, unknown>();
  const bodyOf = ({ hash, body }: Content): unknown => {
    if (body !== undefined) bodies.set(hash, body);
    return bodies.get(hash);
  };
  const messages: Said[] = [];
  const calls = new Map<number, { readonly id: string; readonly name: string }>();
  let instructions = '';
  for (const { type, data } of events) {
    const event = data as Record<string, Content> & { step: number; call: number; message: Content | string };
    if (event.briefing !== undefined) ({ instructions } = bodyOf(event.briefing) as { instructions: string });
    if (event.input !== undefined) messages.push({ role: 'user', content: bodyOf(event.input) as string });
    if (type.endsWith('.ModelCallCompleted')) messages.push(assistant(bodyOf(event.message as Content) as Assistant));
    if (type.endsWith('.ToolCallRequested') || type.endsWith('.ToolCallDenied')) {
      const call = (bodies.get(event.message as unknown as string) as Assistant).toolCalls?.[event.call];
      calls.set(event.step, { id: call?.id ?? '', name: call?.tool ?? '' });
    }
    if (event.output !== undefined && /\.ToolCall(Completed|Failed|Denied)$/.test(type)) {
      const { id = '', name = '' } = calls.get(event.step) ?? {};
      messages.push({ role: 'tool', callId: id, name, content: bodyOf(event.output) as string });
    }
  }
  return { instructions, messages };
}

function assistant({ text, toolCalls = [] }: Assistant): Said {
  return { role: 'assistant', content: text, toolCalls: toolCalls.map(({ id, tool, arguments: argumentsText }) => ({ id, name: tool, argumentsText })) };
}
