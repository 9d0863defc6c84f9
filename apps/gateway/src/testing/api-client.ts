/** Asks the API, and holds every answer against the contract: its status, its schema, and the problems that its route may have. */
import { problem, PROBLEMS, ROUTES, type Problem, type ProblemCode, type Route, type RunAccepted, type RunView } from '@runledger/contracts';
import { expect } from 'vitest';
import { type z } from 'zod';

export interface Asked {
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  /** `null`: without a key. */
  readonly key?: string | null;
  readonly signal?: AbortSignal;
}

export interface Answered<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

/** Codes that any route may answer with, since they arise before or outside of it. */
const ANYWHERE: readonly ProblemCode[] = ['internal/error', 'request/unknown-route', 'request/method'];

export class ApiClient {
  readonly url: string;
  readonly key: string;
  /** What was answered so far: `startRun 202`, `startRun run/key-reused`. */
  readonly seen = new Set<string>();

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  async ask<Body = Record<string, unknown>>(method: string, path: string, asked: Asked = {}): Promise<Answered<Body>> {
    const response = await this.fetch(method, path, asked);
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    this.#check(method, path, response, body);
    return { status: response.status, headers: response.headers, body: body as Body, text };
  }

  fetch(method: string, path: string, { query = {}, headers = {}, body, raw, key = this.key, signal }: Asked = {}): Promise<Response> {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return fetch(url, {
      method,
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined && raw === undefined ? {} : { body: raw ?? JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #check(method: string, path: string, response: Response, body: unknown): void {
    const route = routeOf(method, path);
    expect(response.headers.get('x-request-id'), 'X-Request-Id').not.toBeNull();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-powered-by')).toBeNull();
    if (response.headers.get('content-type')?.startsWith('application/problem+json') === true) return this.#checkProblem(route, response, body);
    if (route === undefined) throw new Error(`${method} ${path} was answered with ${response.status}, and is no route of the contract.`);
    const answer = route.answers[response.status];
    expect(answer, `${route.operation} may answer with ${response.status}`).toBeDefined();
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    if (method !== 'HEAD') fits(answer?.schema, body, `${route.operation} ${response.status}`);
    this.seen.add(`${route.operation} ${response.status}`);
  }

  #checkProblem(route: Route | undefined, response: Response, body: unknown): void {
    const found: Problem = problem.parse(body);
    const { status, title } = PROBLEMS[found.code as ProblemCode];
    expect(found).toMatchObject({ type: `urn:runledger:problem:${found.code}`, status, title, instance: `urn:runledger:request:${response.headers.get('x-request-id')}` });
    expect(response.status).toBe(status);
    expect(found.detail).not.toBe('');
    expect([...(route?.problems ?? []), ...ANYWHERE], `problems of ${route?.operation}`).toContain(found.code);
    if (status === 503) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    this.seen.add(`${route?.operation ?? 'none'} ${found.code}`);
  }

  start(body: Record<string, unknown>, asked: Asked = {}): Promise<Answered<RunAccepted>> {
    return this.ask<RunAccepted>('POST', '/v1/runs', { body, ...asked });
  }

  /** Starts a run and waits until it rests. */
  async rested(body: Record<string, unknown>): Promise<RunView> {
    const { status, body: view } = await this.ask<RunView>('POST', '/v1/runs', { body, query: { wait: 60 } });
    expect(status).toBe(200);
    return view;
  }

  async problem(method: string, path: string, asked: Asked = {}): Promise<Problem> {
    return (await this.ask<Problem>(method, path, asked)).body;
  }
}

export function routeOf(method: string, path: string): Route | undefined {
  return ROUTES.find((route) => route.method === (method === 'HEAD' ? 'get' : method.toLowerCase()) && new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
}

export function fits(schema: z.ZodType | undefined, body: unknown, what: string): void {
  if (schema === undefined) return expect(body, what).toBeUndefined();
  const result = schema.safeParse(body);
  expect(result.error?.issues ?? [], `${what} fits its schema: ${JSON.stringify(body).slice(0, 500)}`).toEqual([]);
}
