/** Where a run and its recording part. */
import type { Message, ToolCall } from '@runledger/contracts';

export interface Difference {
  /** Index in the transcript, from 0. */
  readonly place: number;
  /** Shortened for people. */
  readonly found: string;
  readonly expected: string;
}

const SHOWN_CHARACTERS = 200;
const LEAD_CHARACTERS = 40;

/** The first message that is not equal to the recorded one of its place. Undefined if there is none, as far as both go. */
export function firstDifference(messages: readonly Message[], recorded: readonly Message[]): Difference | undefined {
  const places = Math.min(messages.length, recorded.length);
  for (let place = 0; place < places; place += 1) {
    const [found, expected] = [messages[place], recorded[place]];
    if (found !== undefined && expected !== undefined && !equal(found, expected)) return { place, ...shownApart(textOf(found), textOf(expected)) };
  }
  return undefined;
}

function equal(a: Message, b: Message): boolean {
  if (a === b) return true;
  if (a.role !== b.role || a.text !== b.text) return false;
  if (a.role === 'tool' && b.role === 'tool') return a.callId === b.callId && a.tool === b.tool;
  if (a.role === 'assistant' && b.role === 'assistant') return equalCalls(a.toolCalls ?? [], b.toolCalls ?? []);
  return true;
}

function equalCalls(a: readonly ToolCall[], b: readonly ToolCall[]): boolean {
  return a.length === b.length && a.every((call, k) => call.id === b[k]?.id && call.tool === b[k]?.tool && call.arguments === b[k]?.arguments);
}

function textOf(message: Message): string {
  switch (message.role) {
    case 'system':
    case 'user':
      return `${message.role} ${JSON.stringify(message.text)}`;
    case 'tool':
      return `tool ${message.tool} (${message.callId}) ${JSON.stringify(message.text)}`;
    case 'assistant':
      return ['assistant', JSON.stringify(message.text), ...(message.toolCalls ?? []).map((call) => `${call.tool} (${call.id}) ${call.arguments}`)].join(' ');
  }
}

/** Long texts mostly begin alike, so they are shown from a little before they part. */
function shownApart(found: string, expected: string): { found: string; expected: string } {
  let parted = 0;
  while (parted < found.length && found[parted] === expected[parted]) parted += 1;
  const from = parted + LEAD_CHARACTERS < SHOWN_CHARACTERS ? 0 : parted - LEAD_CHARACTERS;
  return { found: shown(found, from), expected: shown(expected, from) };
}

function shown(text: string, from: number): string {
  const role = from === 0 ? '' : `${text.slice(0, text.indexOf(' '))} …`;
  const end = from + SHOWN_CHARACTERS;
  return role + text.slice(from, end) + (end < text.length ? '…' : '');
}
