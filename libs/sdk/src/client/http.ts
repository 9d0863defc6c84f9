/**
 * One request, tried again where that is safe: a lost answer to a GET, or to a command with a key, may be asked for again,
 * since the same key is the same run. Anything else is sent once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RunledgerError, errorOf, parsed } from './runledger-error.ts';

export interface ConnectOptions {
  /** Where the gateway is, as `https://runledger.example.com`; a path is kept. */
  readonly url: string;
  readonly apiKey: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Until an answer is there, not counting `wait`. Default 30,000. */
  readonly timeoutMs?: number;
  /** Tries of a request that may be repeated, the first included. Default 6, over about three seconds. */
  readonly attemptsMax?: number;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface HttpRequest extends RequestOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** Whether sending it twice is the same as sending it once. */
  readonly repeatable: boolean;
  /** What the answer may take longer than usual, in ms. */
  readonly waitMs?: number | undefined;
}

const BACKOFF_MS = 100;
const BACKOFF_MS_MAX = 5_000;
const UNAVAILABLE = new Set([502, 503, 504]);

/** Waits before the n-th repetition, from 1: doubled each time, at most 5 s, spread over its upper half. Throws the signal's reason. */
export async function backOff(repetition: number, signal: AbortSignal | undefined): Promise<void> {
  const most = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.min(repetition - 1, 16));
  await sleep(most / 2 + (Math.random() * most) / 2, undefined, { signal }).catch((error: unknown) => {
    throw signal?.aborted === true ? signal.reason : error;
  });
}

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): error is RunledgerError {
  if (!(error instanceof RunledgerError)) return false;
  return error.status === undefined ? error.code.startsWith('platform/') : UNAVAILABLE.has(error.status);
}

export class Http {
  readonly #base: URL;
  readonly #apiKey: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #timeoutMs: number;
  readonly attemptsMax: number;

  constructor(options: ConnectOptions) {
    this.#base = baseOf(options.url);
    this.#apiKey = options.apiKey;
    this.#fetch = options.fetch ?? globalThis.fetch;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.attemptsMax = options.attemptsMax ?? 6;
  }

  /** The JSON of the answer. Throws `RunledgerError`, or the signal's reason. */
  async json<Body>(request: HttpRequest): Promise<Body> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#jsonOnce<Body>(request);
      } catch (error) {
        if (!request.repeatable || attempt >= this.attemptsMax || !isPassing(error)) throw error;
        await backOff(attempt, request.signal);
      }
    }
  }

  /** A response whose head has arrived and whose body is still to be read; tried once. The timeout ends with the head. */
  async open(request: HttpRequest): Promise<Response> {
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), this.#timeoutMs);
    try {
      return await this.#send(request, timer.signal);
    } finally {
      clearTimeout(timeout);
    }
  }

  async #jsonOnce<Body>(request: HttpRequest): Promise<Body> {
    const timeout = AbortSignal.timeout(this.#timeoutMs + (request.waitMs ?? 0));
    const response = await this.#send(request, timeout);
    const text = await response.text().catch((error: unknown) => {
      throw this.#unanswered(request, error, timeout);
    });
    const body = parsed(text);
    if (typeof body === 'object' && body !== null) return body as Body;
    throw new RunledgerError('response/unexpected', `${asked(request)}: the answer is not JSON. Is the URL that of a Runledger gateway?`, { status: response.status });
  }

  async #send(request: HttpRequest, timeout: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(this.#urlOf(request), {
        method: request.method,
        headers: {
          authorization: `Bearer ${this.#apiKey}`,
          accept: 'application/json',
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...request.headers,
        },
        signal: request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]),
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      });
    } catch (error) {
      throw this.#unanswered(request, error, timeout);
    }
    if (response.ok) return response;
    throw await errorOf(response, asked(request));
  }

  /** The caller's own abort is theirs to see as it is. */
  #unanswered(request: HttpRequest, error: unknown, timeout: AbortSignal): unknown {
    if (request.signal?.aborted === true) return request.signal.reason;
    if (timeout.aborted) return new RunledgerError('platform/timeout', `${asked(request)}: no answer in time from ${this.#base.origin}.`, { cause: error });
    const found = error instanceof Error ? [error.message, error.cause instanceof Error ? error.cause.message : ''].filter(Boolean).join(': ') : String(error);
    return new RunledgerError('platform/unreachable', `${asked(request)}: ${this.#base.origin} cannot be reached (${found}).`, { cause: error });
  }

  #urlOf({ path, query = {} }: HttpRequest): URL {
    const url = new URL(this.#base);
    url.pathname = this.#base.pathname.replace(/\/$/, '') + path;
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
  }
}

function asked({ method, path }: HttpRequest): string {
  return `${method} ${path}`;
}

function baseOf(text: string): URL {
  if (!URL.canParse(text)) throw new RunledgerError('request/invalid', `Found the url ${JSON.stringify(text)}, expected one as http://localhost:8080.`);
  const url = new URL(text);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new RunledgerError('request/invalid', `Found a url with ${url.protocol}, expected http: or https:.`);
}
