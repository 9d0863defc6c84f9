/**
 * The events of a run in order, each once: page by page up to now, or followed to the end of the run. A stream may break
 * anywhere, and end for reasons of its own (a proxy, a deploy); the sequence says where to go on, and only the platform's
 * word `final` ends it.
 */
import type { CloudEvent, EventPage } from '@runledger/contracts';
import { readSse, type SseMessage } from '../sse/sse-parser.ts';
import { backOff, isPassing, type Http } from './http.ts';
import { RunledgerError, parsed } from './runledger-error.ts';

export interface EventsOptions {
  /** The sequence of the last event that is known already. Default 0: all. */
  readonly after?: number;
  /** Go on with events as they come, until the run is final. Default false: up to now. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  /** A stream that is silent for so long is opened anew. Default 60,000. */
  readonly idleMs?: number;
  /** Openings in a row that may fail before following gives up. Default 20, over more than a minute. */
  readonly openingsMax?: number;
}

interface Follow {
  readonly http: Http;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  readonly idleMs: number;
  readonly openingsMax: number;
  /** The sequence of the last event that was given. */
  last: number;
  /** Openings in a row that failed. */
  failures: number;
  /** Openings in a row that brought no event. */
  silences: number;
  /** Times in a row that an event was missing. */
  gaps: number;
}

const GAPS_MAX = 3;

export function eventsOf(http: Http, path: string, options: EventsOptions = {}): AsyncGenerator<CloudEvent, void, undefined> {
  const { after = 0, signal, idleMs = 60_000, openingsMax = 20 } = options;
  const follow: Follow = { http, path, signal, idleMs, openingsMax, last: after, failures: 0, silences: 0, gaps: 0 };
  return options.follow === true ? followed(follow) : upToNow(follow);
}

async function* upToNow(follow: Follow): AsyncGenerator<CloudEvent, void, undefined> {
  for (;;) {
    const page = await pageOf(follow);
    yield* fresh(follow, page.events);
    if (page.next === undefined || page.events.length === 0) return;
    follow.last = Math.max(follow.last, page.next);
  }
}

async function* followed(follow: Follow): AsyncGenerator<CloudEvent, void, undefined> {
  for (;;) {
    const before = follow.last;
    try {
      yield* streamed(follow);
      // The stream has ended of itself: ask whether that was the end of the run.
      const page = await pageOf(follow);
      yield* fresh(follow, page.events);
      if (page.final && page.next === undefined) return;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (follow.failures >= follow.openingsMax) throw error;
    }
    follow.silences = follow.last > before ? 0 : follow.silences + 1;
    await backOff(follow.silences + 1, follow.signal);
  }
}

/** The events of one connection. Returns when it ends; throws a passing error when it breaks. */
async function* streamed(follow: Follow): AsyncGenerator<CloudEvent, void, undefined> {
  const idle = new AbortController();
  const signal = follow.signal === undefined ? idle.signal : AbortSignal.any([follow.signal, idle.signal]);
  follow.failures += 1;
  const response = await follow.http.open({
    method: 'GET',
    path: follow.path,
    query: { after: follow.last },
    headers: { accept: 'text/event-stream', 'last-event-id': String(follow.last) },
    repeatable: true,
    signal,
  });
  if (response.body === null || response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    await response.body?.cancel();
    throw new RunledgerError('response/unexpected', `GET ${follow.path}: found content type ${response.headers.get('content-type') ?? 'none'}, expected text/event-stream.`, { status: response.status });
  }
  const messages = readSse(watched(response.body, follow, idle));
  for await (const message of messages) {
    const event = eventIn(message);
    if (event === undefined || event.sequence <= follow.last) continue;
    if (event.sequence > follow.last + 1) throw missing(follow, event.sequence);
    follow.gaps = 0;
    follow.last = event.sequence;
    yield event;
  }
  follow.failures = 0;
}

/** The bytes of a stream, until nothing has come for `idleMs`: a dead connection looks like a silent one. */
async function* watched(body: ReadableStream<Uint8Array>, follow: Follow, idle: AbortController): AsyncGenerator<Uint8Array, void, undefined> {
  const abort = () => idle.abort();
  let timer = setTimeout(abort, follow.idleMs);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      follow.failures = 0;
      yield chunk;
      timer = setTimeout(abort, follow.idleMs);
    }
  } catch (error) {
    if (follow.signal?.aborted === true) throw follow.signal.reason;
    if (idle.signal.aborted) follow.failures = 0;
    throw broken(follow, String(error), error);
  } finally {
    clearTimeout(timer);
  }
}

function* fresh(follow: Follow, events: readonly CloudEvent[]): Generator<CloudEvent, void, undefined> {
  for (const event of events) {
    if (event.sequence <= follow.last) continue;
    follow.last = event.sequence;
    yield event;
  }
}

function pageOf({ http, path, last, signal }: Follow): Promise<EventPage> {
  return http.json<EventPage>({ method: 'GET', path, query: { after: last }, repeatable: true, signal });
}

/** Messages that are no event of the run are passed over, so that the platform may send others beside them. */
function eventIn(message: SseMessage): CloudEvent | undefined {
  const value = parsed(message.data);
  if (typeof value !== 'object' || value === null || !('sequence' in value) || typeof value.sequence !== 'number') return undefined;
  return value as CloudEvent;
}

/** Asked for again, and given up only if it is missing every time. */
function missing(follow: Follow, found: number): RunledgerError {
  follow.gaps += 1;
  if (follow.gaps < GAPS_MAX) return broken(follow, `event ${found} came next`);
  return new RunledgerError('response/unexpected', `GET ${follow.path}: found event ${found} after ${follow.last}, ${follow.gaps} times, expected ${follow.last + 1}.`);
}

function broken(follow: Follow, found: string, cause?: unknown): RunledgerError {
  return new RunledgerError('platform/unreachable', `GET ${follow.path}: the stream broke after event ${follow.last} (${found}).`, { cause });
}
