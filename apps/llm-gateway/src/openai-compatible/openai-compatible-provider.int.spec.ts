/** The real dependency is HTTP over the loopback interface; the upstream misbehaves in every way that one can. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelRequest } from '../models/model-provider.ts';
import { openAiCompatibleProvider, ProviderConfigurationError, type OpenAiCompatibleOptions } from './openai-compatible-provider.ts';

type Answer = (response: ServerResponse) => unknown;
let server: Server;
let url = '';
let answer: Answer;
let asked: { url: string | undefined; headers: IncomingMessage['headers']; body: unknown }[] = [];
let connections = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ url: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      void answer(response);
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  connections = 0;
});

const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'gpt-4o',
  messages: [{ role: 'user', text: 'Where is order 7?' }],
  tools: [],
  signal: new AbortController().signal,
  timeoutMs: 5_000,
  metadata: {},
  tenant: 'acme',
  run: 'run_0_00000000000000000000000000',
  step: 3,
  attempt: 1,
  ...more,
});
const ask = (more?: Partial<ModelRequest>, options?: Partial<OpenAiCompatibleOptions>) => openAiCompatibleProvider({ baseUrl: url, apiKey: 'sk-secret', ...options }).call(request(more));
const failure = async (more?: Partial<ModelRequest>, options?: Partial<OpenAiCompatibleOptions>) => {
  const result = await ask(more, options);
  if (result.outcome === 'completed') throw new Error(`It answered ${JSON.stringify(result)}.`);
  return result.failure;
};

const chunk = (said: object, more: object = {}) => ({ id: 'c', object: 'chat.completion.chunk', model: 'gpt-4o-2024-11-20', choices: [{ index: 0, delta: said, ...more }] });
const call = (index: number, more: object) => chunk({ tool_calls: [{ index, ...more }] });
const usage = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 8 }, completion_tokens_details: { reasoning_tokens: 2 } } };
const events = (...chunks: (object | string)[]) => chunks.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
const stop = chunk({}, { finish_reason: 'stop' });
const wholeStream = Buffer.from(
  events(chunk({ role: 'assistant', content: 'Grüße 🎉' }), call(0, { id: 'a', function: { name: 'look_up', arguments: '{"q":' } }), call(0, { function: { arguments: '"ü"}' } }), chunk({}, { finish_reason: 'tool_calls' }), usage, '[DONE]').replaceAll('\n\n', '\r\n\r\n'),
);
const wholeAnswer = {
  outcome: 'completed',
  message: { text: 'Grüße 🎉', toolCalls: [{ id: 'a', tool: 'look_up', arguments: '{"q":"ü"}' }] },
  usage: { inputTokens: 9, outputTokens: 4, cacheReadTokens: 8, reasoningTokens: 2 },
  model: 'gpt-4o-2024-11-20',
};
const sse = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
const streaming = (text: string | Buffer): Answer => (response) => sse(response).end(text);
const status = (code: number, body: unknown = '', headers: Record<string, string> = {}): Answer => (response) => response.writeHead(code, headers).end(typeof body === 'string' ? body : JSON.stringify(body));

describe('a streamed answer', () => {
  it('is asked for with the key, and put together', async () => {
    answer = streaming(wholeStream);
    expect(await ask()).toEqual(wholeAnswer);
    expect(asked).toMatchObject([{ url: '/v1/chat/completions', headers: { authorization: 'Bearer sk-secret' }, body: { model: 'gpt-4o', stream: true, stream_options: { include_usage: true } } }]);
    await ask({}, { apiKey: undefined, baseUrl: `${url}/`, headers: { 'x-team': 'a' } });
    expect(asked[1]).toMatchObject({ url: '/v1/chat/completions', headers: { 'x-team': 'a' } });
    expect(asked[1]?.headers).not.toHaveProperty('authorization');
  });

  it('is the same wherever the stream is cut into pieces', async () => {
    const provider = openAiCompatibleProvider({ baseUrl: url });
    for (let cut = 1; cut < wholeStream.length; cut += 1) {
      answer = async (response) => {
        sse(response).write(wholeStream.subarray(0, cut));
        await sleep(1);
        response.end(wholeStream.subarray(cut));
      };
      expect(await provider.call(request()), `cut at ${cut}`).toEqual(wholeAnswer);
    }
    answer = async (response) => {
      sse(response).flushHeaders();
      for (const byte of wholeStream) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    };
    expect(await provider.call(request())).toEqual(wholeAnswer);
  });

  it('may end with [DONE] or with a finish_reason, and need not have both, nor usage', async () => {
    const said = { outcome: 'completed', message: { text: 'Yes.' }, usage: { inputTokens: 0, outputTokens: 0 } };
    answer = streaming(events(chunk({ content: 'Yes.' }), stop));
    expect(await ask()).toMatchObject(said);
    answer = streaming(events(chunk({ content: 'Yes.' }), '[DONE]'));
    expect(await ask()).toMatchObject(said);
    answer = (response) => sse(response).write(events(chunk({ content: 'Yes.' }), stop), () => response.destroy());
    expect(await ask()).toMatchObject(said);
  });

  it('is not waited for behind [DONE], and its connection is used again', async () => {
    answer = async (response) => {
      sse(response).write(wholeStream);
      await sleep(30);
      response.end();
    };
    for (let calls = 0; calls < 3; calls += 1) {
      expect(await ask()).toEqual(wholeAnswer);
      await sleep(60);
    }
    expect(connections).toBeLessThanOrEqual(1);
  });

  it('is taken whole where the server does not stream', async () => {
    answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ model: 'm', choices: [{ message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }], usage: { prompt_tokens: 3, completion_tokens: 1 } }));
    expect(await ask()).toEqual({ outcome: 'completed', message: { text: 'Yes.' }, usage: { inputTokens: 3, outputTokens: 1 }, model: 'm' });
  });

  it('is a failure of policy where the provider withheld it, and costs what was counted', async () => {
    answer = streaming(events(chunk({ content: 'The' }), chunk({}, { finish_reason: 'content_filter' }), usage, '[DONE]'));
    expect(await ask()).toMatchObject({ outcome: 'failed', failure: { class: 'policy_denied', code: 'model/content-filtered' }, usage: { inputTokens: 9 } });
  });
});

describe('an upstream that refuses', () => {
  it('for too many requests says when to come back: in seconds, in ms, or by a date', async () => {
    answer = status(429, { error: { message: 'Slow down.', type: 'requests' } }, { 'retry-after': '2' });
    expect(await failure()).toEqual({ class: 'rate_limited', origin: 'model', code: 'model/rate-limited', message: 'The model upstream answered 429: too many requests or tokens for this key. It said: Slow down.', retryAfterMs: 2_000 });
    answer = status(429, '', { 'retry-after': '20', 'retry-after-ms': '150.5' });
    expect(await failure()).toMatchObject({ retryAfterMs: 151 });
    answer = status(429, '', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    expect((await failure()).retryAfterMs).toSatisfy((ms: number) => ms > 50_000 && ms <= 60_000);
    answer = status(429, '', { 'retry-after': new Date(Date.now() - 60_000).toUTCString() });
    expect(await failure()).toMatchObject({ retryAfterMs: 0 });
    for (const header of ['soon', '9'.repeat(30), '-5']) {
      answer = status(429, '', { 'retry-after': header });
      expect((await failure()).retryAfterMs ?? 0).toBeLessThanOrEqual(86_400_000);
    }
  });

  it('is told apart by its status', async () => {
    const classes: [number, string, string][] = [
      [400, 'validation', 'model/invalid-request'],
      [401, 'authorization', 'model/unauthorized'],
      [403, 'authorization', 'model/unauthorized'],
      [404, 'validation', 'model/invalid-request'],
      [408, 'timeout', 'model/timeout'],
      [422, 'validation', 'model/invalid-request'],
      [500, 'transient_upstream', 'model/upstream-error'],
      [502, 'transient_upstream', 'model/upstream-error'],
      [503, 'transient_upstream', 'model/upstream-error'],
      [504, 'timeout', 'model/timeout'],
      [529, 'transient_upstream', 'model/upstream-error'],
      [302, 'validation', 'model/unexpected-status'],
    ];
    for (const [code, outcomeClass, failureCode] of classes) {
      answer = status(code, 'no', { location: `${url}/elsewhere` });
      expect(await failure(), String(code)).toMatchObject({ class: outcomeClass, code: failureCode });
    }
    expect(asked).toHaveLength(classes.length);
  });

  it('does not make us repeat the key, nor an endless page', async () => {
    answer = status(401, { error: { message: 'Incorrect API key provided: sk-secret.' } });
    expect((await failure()).message).toMatch(/Incorrect API key provided: \[key\]\.$/);
    answer = status(500, 'x'.repeat(1_000_000));
    expect((await failure()).message.length).toBeLessThan(1_200);
  });

  it('in the middle of a stream is told apart too', async () => {
    answer = streaming(events(chunk({ content: 'The' }), { error: { message: 'Overloaded', code: 502 } }));
    expect(await failure()).toMatchObject({ class: 'transient_upstream', code: 'model/upstream-error', message: 'The model upstream broke its answer off: Overloaded (502)' });
    answer = streaming(events({ error: { message: 'Too fast', code: 429 } }));
    expect(await failure()).toMatchObject({ class: 'rate_limited', code: 'model/rate-limited' });
  });
});

describe('an upstream that breaks', () => {
  it('in the middle of its answer is a cut stream, to be tried again', async () => {
    answer = streaming(events(chunk({ content: 'The' }), call(0, { id: 'a', function: { name: 'refund', arguments: '{"amount":' } })));
    expect(await failure()).toMatchObject({ class: 'transient_upstream', code: 'model/cut-stream' });
    answer = streaming(events('[DONE]'));
    expect(await failure()).toMatchObject({ class: 'transient_upstream', code: 'model/cut-stream' });
    answer = (response) => sse(response).write(events(chunk({ content: 'The' })), () => response.destroy());
    expect(await failure()).toMatchObject({ class: 'transient_upstream', code: 'model/unreachable' });
  });

  it('before its answer, or that is not there at all, is to be tried again', async () => {
    answer = (response) => response.destroy();
    expect(await failure()).toMatchObject({ class: 'transient_upstream', code: 'model/unreachable' });
    const closed = createTcpServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    expect(await failure({}, { baseUrl: `http://127.0.0.1:${port}` })).toMatchObject({ class: 'transient_upstream', code: 'model/unreachable', message: expect.stringContaining('ECONNREFUSED') });
  });

  it('by sending garbage is to be tried again', async () => {
    const garbage = ['data: {"choices":[{"delta"\n\n', 'data: nonsense\n\n', 'data: 3\n\n', '<html>Bad gateway</html>', ''];
    for (const text of garbage) {
      answer = streaming(text);
      expect(await failure(), text).toMatchObject({ class: 'transient_upstream', code: 'model/malformed' });
    }
    for (const text of ['{', '{}', '[]', '{"detail":"not found"}']) {
      answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text);
      expect(await failure(), text).toMatchObject({ class: 'transient_upstream', code: 'model/malformed' });
    }
    answer = streaming(events(call(0, { id: 'a', function: { arguments: '{}' } }), stop));
    expect(await failure()).toMatchObject({ class: 'transient_upstream', code: 'model/malformed' });
  });

  it('by answering without end is stopped at the limit, and not tried again', async () => {
    let written = 0;
    let closed = false;
    const flood = (piece: string): Answer => async (response) => {
      response.setMaxListeners(0).on('close', () => (closed = true));
      sse(response);
      for (written = 0; !closed && written < 50_000_000; written += piece.length) {
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      }
    };
    answer = flood(events(chunk({ content: 'x'.repeat(1_000) })));
    expect(await failure({}, { responseBytesMax: 100_000 })).toMatchObject({ class: 'validation', code: 'model/answer-too-large' });
    await expect.poll(() => closed).toBe(true);
    expect(written).toBeLessThan(50_000_000);
    closed = false;
    answer = flood('y'.repeat(10_000));
    expect(await failure({}, { responseBytesMax: 100_000 })).toMatchObject({ class: 'validation', code: 'model/answer-too-large' });
  });
});

describe('a call that nobody waits for any more', () => {
  it('times out while the upstream is silent, and while it is slow; what was counted is told', async () => {
    answer = () => undefined;
    expect(await failure({ timeoutMs: 50 })).toEqual({ class: 'timeout', origin: 'model', code: 'model/timeout', message: 'The model did not answer within 50 ms.' });
    answer = (response) => sse(response).write(events(usage, chunk({ content: 'The' })));
    expect(await ask({ timeoutMs: 80 })).toMatchObject({ outcome: 'failed', failure: { code: 'model/timeout' }, usage: { inputTokens: 9 } });
  });

  it('has its answer all the same where only the end of the stream is missing', async () => {
    answer = (response) => sse(response).write(events(chunk({ content: 'Yes.' }), stop));
    expect(await ask({ timeoutMs: 80 })).toMatchObject({ outcome: 'completed', message: { text: 'Yes.' } });
  });

  it('is broken off when it is aborted, before and during the answer, and the upstream sees it', async () => {
    expect(await failure({ signal: AbortSignal.abort() })).toMatchObject({ class: 'timeout', code: 'model/abandoned' });
    expect(asked).toEqual([]);
    const leaving = new AbortController();
    const left = new Promise<void>((resolve) => {
      answer = (response) => {
        response.on('close', resolve);
        sse(response).write(events(chunk({ content: 'The' })));
        setTimeout(() => leaving.abort(), 20);
      };
    });
    expect(await failure({ signal: leaving.signal })).toMatchObject({ class: 'timeout', code: 'model/abandoned' });
    await left;
  });
});

describe('a provider', () => {
  it('is refused with a base URL that is none, or that holds a secret', () => {
    for (const baseUrl of ['nonsense', 'ftp://example.com', 'https://user:secret@example.com/v1']) {
      expect(() => openAiCompatibleProvider({ baseUrl })).toThrow(ProviderConfigurationError);
      expect(() => openAiCompatibleProvider({ baseUrl })).not.toThrow(/secret/);
    }
    expect(openAiCompatibleProvider({ baseUrl: url }).name).toBe('openai-compatible');
    expect(openAiCompatibleProvider({ baseUrl: url, name: 'local' }).name).toBe('local');
    expect(JSON.stringify(openAiCompatibleProvider({ baseUrl: url, apiKey: 'sk-secret' }))).not.toContain('sk-secret');
  });
});
