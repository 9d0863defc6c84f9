/** What the answers and the silences of an upstream mean, in the platform's words. */
import type { OutcomeClass, Usage } from '@runledger/contracts';
import { failedModel, messageOf, type FailedModel } from '../models/model-failure.ts';
import { errorIn, MalformedAnswer, type ChatError } from './chat-chunk.ts';

const DETAIL_CHARACTERS_MAX = 1_000;
const RETRY_AFTER_MS_MAX = 86_400_000;
/** Undici's words for an upstream that kept silent for longer than it waits. */
const SILENCE_CODES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

/** The answer is longer than this gateway takes. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** The stream ended before the answer did. */
export class CutStream extends Error {
  override readonly name = 'CutStream';
}

/** An error that the upstream sent in the middle of a stream. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly kind: string;

  constructor({ message, kind }: ChatError) {
    super(message);
    this.kind = kind;
  }
}

/** Of a status above 299. `body` is its text, as far as it was read. */
export function statusFailure(status: number, headers: Headers, body: string, now: number): FailedModel {
  const [outcomeClass, code, meaning] = statusMeaning(status);
  const detail = errorIn(parsed(body))?.message ?? body;
  const retryAfterMs = retryAfter(headers, now);
  return failedModel(outcomeClass, code, `The model upstream answered ${status}: ${meaning}.${detail === '' ? '' : ` It said: ${detail.slice(0, DETAIL_CHARACTERS_MAX)}`}`, { retryAfterMs });
}

function statusMeaning(status: number): [OutcomeClass, string, string] {
  if (status === 429) return ['rate_limited', 'model/rate-limited', 'too many requests or tokens for this key'];
  if (status === 408 || status === 504) return ['timeout', 'model/timeout', 'it took too long'];
  if (status >= 500) return ['transient_upstream', 'model/upstream-error', 'it has a fault'];
  if (status === 401 || status === 403) return ['authorization', 'model/unauthorized', 'the key is missing, not known, or may not use this model'];
  if (status >= 400) return ['validation', 'model/invalid-request', 'it does not take this request'];
  return ['validation', 'model/unexpected-status', 'a redirect or another answer that is none; is the base URL right?'];
}

/** Of anything that was thrown between the request and the end of the answer, unless somebody stopped waiting. */
export function thrownFailure(error: unknown, usage: Usage | undefined): FailedModel {
  if (error instanceof AnswerTooLarge) return failedModel('validation', 'model/answer-too-large', error.message, { usage });
  if (error instanceof CutStream) return failedModel('transient_upstream', 'model/cut-stream', error.message, { usage });
  if (error instanceof MalformedAnswer) return failedModel('transient_upstream', 'model/malformed', `The model upstream sent what is no answer: ${error.message}.`, { usage });
  if (error instanceof UpstreamError) return streamErrorFailure(error, usage);
  const { code, text } = networkFault(error);
  if (SILENCE_CODES.has(code)) return failedModel('timeout', 'model/timeout', `The model upstream kept silent for too long (${text}).`, { usage });
  return failedModel('transient_upstream', 'model/unreachable', `The model upstream cannot be reached, or broke the connection (${text}).`, { usage });
}

function streamErrorFailure({ message, kind }: UpstreamError, usage: Usage | undefined): FailedModel {
  const text = `The model upstream broke its answer off: ${message.slice(0, DETAIL_CHARACTERS_MAX)}${kind === '' ? '' : ` (${kind})`}`;
  const limited = kind === '429' || kind.startsWith('rate_limit');
  return limited ? failedModel('rate_limited', 'model/rate-limited', text, { usage }) : failedModel('transient_upstream', 'model/upstream-error', text, { usage });
}

/** The innermost cause says what happened; `fetch failed` alone says nothing. */
function networkFault(error: unknown): { code: string; text: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const text = cause === error ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
  return { code, text: code !== '' && !text.includes(code) ? `${text} ${code}` : text };
}

/** `retry-after-ms`, or `Retry-After` in seconds or as a date; undefined if there is none that can be read. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const inMs = headers.get('retry-after-ms')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(inMs)) return bounded(Number(inMs));
  const given = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(given)) return bounded(Number(given) * 1000);
  const at = given === '' ? Number.NaN : Date.parse(given);
  return Number.isNaN(at) ? undefined : bounded(at - now);
}

function bounded(ms: number): number {
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(0, Math.ceil(ms)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
