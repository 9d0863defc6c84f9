/** The real dependency is HTTP over the loopback interface. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { RunAccepted, RunView } from '@runledger/contracts';
import { connect, type Client } from './connect.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
interface Asked {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

let server: Server;
let url = '';
let asked: Asked[] = [];
let answers: Answer[] = [];

const json =
  (status: number, body: unknown): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': status < 300 ? 'application/json' : 'application/problem+json' }).end(JSON.stringify(body));
  };
const problem = (status: number, code: string) => json(status, { type: `urn:runledger:problem:${code}`, title: 'A title', status, detail: 'A detail.', code });
const cut: Answer = (response) => void response.destroy();

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) });
      const answer = answers.shift();
      if (answer === undefined) response.destroy();
      else answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  answers = [];
});

const client = (options: { timeoutMs?: number } = {}): Client => connect({ url, apiKey: 'secret', ...options });
const accepted: RunAccepted = { id: 'run_0_00000000000000000000000000', status: 'running', sequence: 2 };
const view = { ...accepted, tenant: 'acme', status: 'completed', output: 'Sent.', sequence: 9 };
const refusal = (promise: Promise<unknown>) => promise.then(() => expect.unreachable('It succeeded.'), (error: unknown) => error);
const lines = () => asked.map(({ line }) => line);

describe('the client', () => {
  it('starts a run and tells what was accepted', async () => {
    answers = [json(202, accepted)];
    const started = await client().runs.start({ agent: 'support', input: 'Where is it?', id: 'order/7', metadata: { vip: true } });
    expectTypeOf(started).toEqualTypeOf<RunAccepted>();
    expect(started).toEqual(accepted);
    expect(asked).toMatchObject([
      { line: 'POST /v1/runs', headers: { authorization: 'Bearer secret', 'content-type': 'application/json' }, body: { agent: 'support', input: 'Where is it?', id: 'order/7', metadata: { vip: true } } },
    ]);
  });

  it('sends an idempotency key as a header, and refuses two names for one run', async () => {
    answers = [json(200, { ...accepted, duplicate: true })];
    expect(await client().runs.start({ agent: 'a', input: 'b', idempotencyKey: 'k' })).toMatchObject({ duplicate: true });
    expect(asked[0]).toMatchObject({ headers: { 'idempotency-key': 'k' }, body: { agent: 'a', input: 'b' } });
    expect(await refusal(client().runs.start({ agent: 'a', input: 'b', idempotencyKey: 'k', id: 'i' }))).toMatchObject({ code: 'request/invalid', status: undefined });
  });

  it('gives the run as it is where it was asked to wait, and fetches it where only an acceptance came', async () => {
    answers = [json(200, view), json(202, accepted), json(200, view)];
    const started = await client().runs.start({ agent: 'a', input: 'b' }, { wait: 5 });
    expectTypeOf(started).toEqualTypeOf<RunView>();
    expect(started).toEqual(view);
    expect(await client().runs.input(accepted.id, 'more', { wait: 1.5 })).toEqual(view);
    expect(lines()).toEqual(['POST /v1/runs?wait=5', `POST /v1/runs/${accepted.id}/input?wait=1.5`, `GET /v1/runs/${accepted.id}`]);
  });

  it('asks each thing of a run where the contract has it', async () => {
    answers = Array.from({ length: 6 }, () => json(202, accepted));
    const { runs } = client();
    await runs.input('my/run', { input: 'ok', id: 'i1', final: true });
    await runs.cancel('my/run', 'too late');
    await runs.pause('my/run');
    await runs.resume('my/run');
    await runs.reconcileEffect('my/run', 4, { applied: false, reason: 'Nothing was booked.' });
    await runs.reconcileEffect('my/run', 4, { applied: true, output: '{}' });
    expect(asked.map(({ line, body }) => [line, body])).toEqual([
      ['POST /v1/runs/my%2Frun/input', { input: 'ok', id: 'i1', final: true }],
      ['POST /v1/runs/my%2Frun/cancel', { reason: 'too late' }],
      ['POST /v1/runs/my%2Frun/pause', {}],
      ['POST /v1/runs/my%2Frun/resume', undefined],
      ['POST /v1/runs/my%2Frun/effects/4/reconcile', { applied: false, reason: 'Nothing was booked.' }],
      ['POST /v1/runs/my%2Frun/effects/4/reconcile', { applied: true, output: '{}' }],
    ]);
    expect(await refusal(runs.get('..'))).toMatchObject({ code: 'request/invalid' });
    expect(await refusal(runs.cancel(''))).toMatchObject({ code: 'request/invalid' });
  });

  it('lists runs by filter, page after page', async () => {
    answers = [json(200, { runs: [view], next: 'c2', current: [] }), json(200, { runs: [], current: [] })];
    const pages = [];
    for await (const page of client().runs.pages({ agent: 'support', status: 'completed', limit: 1 })) pages.push(page.runs.length);
    expect(pages).toEqual([1, 0]);
    expect(lines()).toEqual(['GET /v1/runs?agent=support&status=completed&limit=1', 'GET /v1/runs?agent=support&status=completed&limit=1&cursor=c2']);
  });

  it('lists the agents', async () => {
    answers = [json(200, { agents: [{ name: 'support' }] })];
    expect(await client().agents.list()).toEqual([{ name: 'support' }]);
  });

  it('keeps the path of its URL, and goes through the fetch that it is given', async () => {
    const urls: string[] = [];
    const fetch = async (input: string | URL | Request) => {
      urls.push(input instanceof Request ? input.url : String(input));
      return Response.json({ agents: [] });
    };
    await connect({ url: 'https://example.com/platform/', apiKey: 'k', fetch }).agents.list();
    expect(urls).toEqual(['https://example.com/platform/v1/agents']);
    expect(() => connect({ url: 'localhost:8080', apiKey: 'k' })).toThrow(expect.objectContaining({ code: 'request/invalid' }));
    expect(() => connect({ url: 'nonsense', apiKey: 'k' })).toThrow(expect.objectContaining({ code: 'request/invalid' }));
  });
});

describe('what the platform refuses', () => {
  it('is an error with its code, its status and the problem', async () => {
    answers = [problem(404, 'run/unknown')];
    expect(await refusal(client().runs.get('r'))).toMatchObject({ name: 'RunledgerError', code: 'run/unknown', status: 404, problem: { detail: 'A detail.' }, message: 'GET /v1/runs/r: A title. A detail.' });
    expect(asked).toHaveLength(1);
  });

  it('is an unexpected answer where it is no problem of ours', async () => {
    const html: Answer = (response) => void response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>Proxy</h1>');
    const page: Answer = (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
    answers = [html, page];
    expect(await refusal(client().runs.get('r'))).toMatchObject({ code: 'response/unexpected', status: 403, message: expect.stringContaining('<h1>Proxy</h1>') });
    expect(await refusal(client().runs.get('r'))).toMatchObject({ code: 'response/unexpected', status: 200 });
  });
});

describe('a request that fails in passing', () => {
  it('is repeated where that is safe: reading, and commands with an id or a key', async () => {
    answers = [cut, problem(503, 'platform/busy'), json(200, view)];
    expect(await client().runs.get('r')).toEqual(view);
    answers = [cut, json(202, accepted)];
    expect(await client().runs.start({ agent: 'a', input: 'b', idempotencyKey: 'k' })).toEqual(accepted);
    answers = [problem(503, 'platform/unavailable'), json(202, accepted)];
    expect(await client().runs.start({ agent: 'a', input: 'b', id: 'i' })).toEqual(accepted);
    answers = [cut, json(202, accepted)];
    expect(await client().runs.input('r', { input: 'b', id: 'i' })).toEqual(accepted);
    expect(asked).toHaveLength(9);
  });

  it('is not repeated where a second one could be a second run', async () => {
    answers = [cut];
    expect(await refusal(client().runs.start({ agent: 'a', input: 'b' }))).toMatchObject({ code: 'platform/unreachable', status: undefined });
    answers = [problem(503, 'platform/busy')];
    expect(await refusal(client().runs.input('r', 'more'))).toMatchObject({ code: 'platform/busy', status: 503 });
    expect(asked).toHaveLength(2);
  });

  it('is given up after as many tries as are allowed', async () => {
    answers = Array.from({ length: 9 }, () => problem(503, 'platform/busy'));
    expect(await refusal(connect({ url, apiKey: 'k', attemptsMax: 3 }).runs.get('r'))).toMatchObject({ code: 'platform/busy' });
    expect(asked).toHaveLength(3);
  });

  it('is given up when no answer comes in time, or the caller no longer waits', async () => {
    answers = [() => undefined];
    expect(await refusal(client({ timeoutMs: 50 }).runs.start({ agent: 'a', input: 'b' }))).toMatchObject({ code: 'platform/timeout' });
    answers = [() => undefined];
    const reason = new Error('The page was left.');
    expect(await refusal(client().runs.get('r', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    answers = [problem(503, 'platform/busy'), json(200, view)];
    const leaving = new AbortController();
    const got = client().runs.get('r', { signal: leaving.signal });
    setTimeout(() => leaving.abort(reason), 20);
    expect(await refusal(got)).toBe(reason);
  });
});
