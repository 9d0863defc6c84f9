/**
 * Reads what a chat completions API sends: chunks of a stream, and whole answers. Servers differ in all but the essentials,
 * so only what is needed is looked at, and what is null, or of another kind than expected, counts as left out.
 */
import type { Usage } from '@runledger/contracts';

export interface ChatCallPiece {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface ChatError {
  readonly message: string;
  /** The error's code or type: `rate_limit_exceeded`, `429`, … */
  readonly kind: string;
}

export interface ChatChunk {
  readonly model: string | undefined;
  readonly text: string | undefined;
  /** What the model says instead of an answer when it will not give one. */
  readonly refusal: string;
  readonly calls: readonly ChatCallPiece[];
  readonly finishReason: string | undefined;
  readonly usage: Usage | undefined;
  readonly error: ChatError | undefined;
}

/** What was sent is no chunk and no answer. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

const SHOWN_CHARACTERS = 200;

/** Throws `MalformedAnswer`. */
export function readChunk(json: string): ChatChunk {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new MalformedAnswer(`found ${JSON.stringify(json.slice(0, SHOWN_CHARACTERS))}, expected JSON`);
  }
  if (!isObject(value)) throw new MalformedAnswer(`found ${json.slice(0, SHOWN_CHARACTERS)}, expected an object`);
  const choice = items(value['choices']).find(({ index = 0 }) => index === 0 || index === null);
  const said = object(choice?.['delta']) ?? object(choice?.['message']) ?? {};
  return {
    model: string(value['model']),
    text: contentOf(said['content']),
    refusal: string(said['refusal']) ?? '',
    calls: items(said['tool_calls']).map(callPiece),
    finishReason: string(choice?.['finish_reason']),
    usage: usageOf(object(value['usage'])),
    error: errorIn(value),
  };
}

/** The error that a body tells of, in any of the forms in use: an object, a text, or the fields at the top. */
export function errorIn(value: unknown): ChatError | undefined {
  if (!isObject(value)) return undefined;
  const { error } = value;
  if (typeof error === 'string' && error !== '') return { message: error, kind: '' };
  if (!isObject(error)) return undefined;
  const kind = [error['code'], error['type']].find((one) => typeof one === 'string' || typeof one === 'number') ?? '';
  return { message: string(error['message']) ?? JSON.stringify(error), kind: String(kind) };
}

function callPiece(call: Readonly<Record<string, unknown>>): ChatCallPiece {
  const { index } = call;
  const named = object(call['function']) ?? {};
  const given = named['arguments'];
  return {
    index: typeof index === 'number' ? index : undefined,
    id: string(call['id']) ?? '',
    name: string(named['name']) ?? '',
    arguments: isObject(given) ? JSON.stringify(given) : (string(given) ?? ''),
  };
}

/** A text, or a list of parts of which some are text. */
function contentOf(content: unknown): string | undefined {
  if (!Array.isArray(content)) return string(content);
  return items(content).map((part) => string(part['text']) ?? '').join('');
}

function usageOf(usage: Readonly<Record<string, unknown>> | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const cacheReadTokens = count(object(usage['prompt_tokens_details'])?.['cached_tokens']);
  const reasoningTokens = count(object(usage['completion_tokens_details'])?.['reasoning_tokens']);
  return {
    inputTokens: count(usage['prompt_tokens']) ?? 0,
    outputTokens: count(usage['completion_tokens']) ?? 0,
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(value) ? value : undefined;
}

function items(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
