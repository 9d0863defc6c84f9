import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problem, PROBLEMS, type Problem } from '@runledger/contracts';
import { LogError } from '@runledger/event-sourcing';
import { gatewayUnderTest, type UnderTest } from './testing/gateway-under-test.ts';
import { AGENTS } from './testing/scripted-agents.ts';

/** Every code that was answered here, so that the last spec can tell which ones are missing. */
const provoked = new Set<string>();

function told({ code, ...rest }: Problem): Problem {
  provoked.add(code);
  return { code, ...rest };
}

describe('a request that is not as it should be', () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await gatewayUnderTest();
  });
  afterAll(async () => {
    expect(under.lines.filter(({ level }) => level === 'error')).toEqual([]);
    await under.close();
  });

  const start = async (asked: Parameters<UnderTest['api']['problem']>[2]) => told(await under.api.problem('POST', '/v1/runs', asked));
  const json = { 'content-type': 'application/json' };

  it('is told each place where it does not fit, up to a number', async () => {
    const found = await start({ body: { agent: 'Desk', input: '', surplus: 1 } });
    expect(found.code).toBe('request/invalid');
    expect(found.errors?.map(({ path }) => path)).toEqual(['body.agent', 'body.input', 'body']);
    const flood = await start({ body: { agent: 'desk', input: 'x', metadata: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, null])) } });
    expect(flood.errors).toHaveLength(20);
    const long = await start({ body: { agent: 'desk', input: 'x', ['y'.repeat(100_000)]: 1 } });
    expect(JSON.stringify(long).length).toBeLessThan(2_000);
    for (const body of [[], 'text', 7, null, { agent: 'desk', input: 'x'.repeat(200_001) }, { agent: 'desk', input: 'x', metadata: { a: { b: 1 } } }]) expect((await start({ body })).code).toBe('request/invalid');
    expect((await start({})).code).toBe('request/invalid');
  });

  it('is told of its query, path and headers too', async () => {
    for (const query of [{ wait: 61 }, { wait: -1 }, { wait: 'x' }, { surplus: 1 }] as Record<string, string>[]) expect((await start({ body: { agent: 'desk', input: 'x' }, query })).errors?.[0]?.path).toMatch(/^query/);
    for (const query of [{ limit: 0 }, { limit: 201 }, { status: 'lost' }, { startedAfter: 'yesterday' }] as Record<string, string>[]) expect(told(await under.api.problem('GET', '/v1/runs', { query })).errors?.[0]?.path).toMatch(/^query\./);
    expect(told(await under.api.problem('GET', `/v1/runs/${'x'.repeat(201)}`)).errors?.[0]?.path).toBe('path.run');
    expect(told(await under.api.problem('GET', '/v1/runs/a%20b')).errors?.[0]?.path).toBe('path.run');
    expect(told(await under.api.problem('POST', '/v1/runs/a/effects/zero/reconcile', { body: { applied: true, output: '' } })).errors?.[0]?.path).toBe('path.step');
    expect((await start({ body: { agent: 'desk', input: 'x' }, headers: { 'idempotency-key': 'a b' } })).errors?.[0]?.path).toBe('header.Idempotency-Key');
    expect(told(await under.api.problem('GET', '/v1/runs/%FF')).code).toBe('request/invalid');
    expect(told(await under.api.problem('GET', '/v1/runs/%')).code).toBe('request/invalid');
  });

  it('is told when its body is no JSON, or nothing that could be', async () => {
    const utf16 = new Uint8Array(Buffer.from('{"agent":"desk"}', 'utf16le'));
    const latin1 = new Uint8Array(Buffer.from('{"agent":"desk","input":"Grüße"}', 'latin1'));
    for (const raw of ['{', 'agent=desk', '{"agent":"desk"}}', latin1, utf16]) expect((await start({ raw, headers: json })).code).toBe('request/not-json');
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }, { 'content-type': 'application/json; charset=utf-16' }]) expect((await start({ raw: '{}', headers })).code).toBe('request/media-type');
    expect((await start({ raw: new Uint8Array(gzipSync('{}')), headers: { ...json, 'content-encoding': 'gzip' } })).code).toBe('request/media-type');
    expect((await under.api.start({ agent: 'desk', input: 'x' }, { headers: { 'content-type': 'Application/JSON; Charset="UTF-8"' } })).status).toBe(202);
  });

  it('is told when its body is too large, with or without a length', async () => {
    expect((await start({ raw: ' '.repeat(1024 * 1024 + 1), headers: json })).code).toBe('request/too-large');
    const chunks = new ReadableStream<Uint8Array>({ pull: (controller) => (controller.desiredSize === null ? undefined : chunkInto(controller)) });
    let sent = 0;
    const chunkInto = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      sent += 1;
      if (sent > 40) controller.close();
      else controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
    };
    const response = await fetch(`${under.gateway.url}/v1/runs`, { method: 'POST', body: chunks, duplex: 'half', headers: { ...json, authorization: `Bearer ${under.api.key}` } } as RequestInit);
    expect(problem.parse(await response.json()).code).toBe('request/too-large');
    expect((await start({ raw: `${' '.repeat(1024 * 1024 - 2)}{}`, headers: json })).code).toBe('request/invalid');
  });

  it('is answered before its body is read if it has no good key', async () => {
    const { headers, body } = await under.api.ask('POST', '/v1/runs', { key: null, raw: ' '.repeat(2_000_000), headers: json });
    expect(told(body as Problem).code).toBe('key/missing');
    expect(headers.get('www-authenticate')).toBe('Bearer');
    for (const key of ['', 'rl_x', under.api.key.replace(/.$/, (last) => (last === '0' ? '1' : '0')), `${under.api.key}0`, 'x'.repeat(5_000)]) {
      const { code } = await under.api.problem('GET', '/v1/agents', { key });
      provoked.add(code);
      expect(code, key).toBe(key === '' ? 'key/missing' : 'key/unknown');
    }
    expect(told(await under.api.problem('GET', '/v1/agents', { key: null, headers: { authorization: 'Basic abc' } })).code).toBe('key/missing');
  });

  it('is answered even if it is no HTTP', async () => {
    const answerTo = (text: string): Promise<string> => new Promise((resolve, reject) => {
      const { hostname, port } = new URL(under.gateway.url);
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(text));
      socket.on('data', (chunk) => (answer += String(chunk))).on('end', () => resolve(answer)).on('error', reject);
    });
    const bodyOf = (answer: string) => told(problem.parse(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))));
    expect(bodyOf(await answerTo('hello\r\n\r\n')).code).toBe('request/invalid');
    expect(bodyOf(await answerTo(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`)).code).toBe('request/too-large');
    expect(await answerTo('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain('{"status":"up"}');
  });

  it('may be broken off anywhere, and nothing is made of it', async () => {
    const { hostname, port } = new URL(under.gateway.url);
    await Promise.all(Array.from({ length: 20 }, (_, n) => new Promise<void>((resolve) => {
      const text = `POST /v1/runs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${under.api.key}\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"agent":"desk","input":"broken off"`;
      const socket = connect(Number(port), hostname, () => socket.write(text.slice(0, 40 + n * 10), () => (socket.destroy(), resolve())));
    })));
    expect([...under.list.views.values()].filter(({ agent }) => agent.name === 'desk').length).toBeLessThanOrEqual(1);
    expect((await under.api.ask('GET', '/health')).status).toBe(200);
  });

  it('is told that there is nothing of the kind', async () => {
    const unknown = await start({ body: { agent: 'ghost', input: 'x' } });
    expect(unknown).toMatchObject({ code: 'agent/unknown', detail: expect.stringContaining('loaded are desk, talker, caller') as string });
    expect(told(await under.api.problem('GET', '/v1/runs/never-started')).code).toBe('run/unknown');
    expect(told(await under.api.problem('GET', `/v1/runs/run_9999_${'0'.repeat(26)}`)).code).toBe('run/unknown');
    expect(told(await under.api.problem('POST', `/v1/runs/run_9999_${'0'.repeat(26)}/cancel`)).code).toBe('run/unknown');
    expect(told(await under.api.problem('GET', '/v1/nothing')).code).toBe('request/unknown-route');
    expect(told(await under.api.problem('PUT', '/v1/runs')).code).toBe('request/method');
  });

  it('is told what the run says to it', async () => {
    const post = async (run: string, verb: string, body?: unknown) => told(await under.api.problem('POST', `/v1/runs/${run}/${verb}`, body === undefined ? {} : { body })).code;
    await under.api.start({ agent: 'slow-once', input: 'x', id: 'single' });
    expect(await post('single', 'input', { input: 'more' })).toBe('run/single-turn');
    expect(await post('single', 'resume')).toBe('run/not-paused');
    expect(await post('single', 'effects/1/reconcile', { applied: true, output: '' })).toBe('effect/not-unknown');
    expect((await start({ body: { agent: 'desk', input: 'x', id: 'single' } })).code).toBe('run/key-reused');
    await under.api.rested({ agent: 'booker', input: 'x', id: 'stopping' });
    await under.api.ask('POST', '/v1/runs/stopping/cancel');
    expect(await post('stopping', 'pause')).toBe('run/cancelling');
    await under.api.rested({ agent: 'desk', input: 'x', id: 'ended' });
    expect(await post('ended', 'pause')).toBe('run/ended');
    await under.api.rested({ agent: 'talker', input: 'x', id: 'talkative' });
    for (let n = 0; n < 2; n += 1) await under.api.ask('POST', '/v1/runs/talkative/input', { body: { input: 'x' }, query: { wait: 10 } });
    expect(await post('talkative', 'input', { input: 'x' })).toBe('run/inputs-exceeded');
  });

  it('is told when it does not fit into a record of the log', async () => {
    // Every character takes six bytes as JSON: the body just fits into a request, and not into a record any more.
    const raw = `{"agent":"desk","input":"${'\\u0001'.repeat(174_740)}"}`;
    expect((await start({ raw, headers: json })).code).toBe('payload/too-large');
  });
});

describe('a platform that cannot', () => {
  const opened: UnderTest[] = [];
  const opening = async (options: Parameters<typeof gatewayUnderTest>[0]): Promise<UnderTest> => {
    const under = await gatewayUnderTest(options);
    opened.push(under);
    return under;
  };
  afterAll(() => Promise.all(opened.map((under) => under.close())));
  const body = { agent: 'desk', input: 'x' };

  it('says that too much is waiting', async () => {
    const { api } = await opening({ queueMax: 0 });
    expect(told(await api.problem('POST', '/v1/runs', { body })).code).toBe('platform/busy');
  });

  it('says that the log is away, and why only to the operator, once', async () => {
    const under = await opening({ inbox: (inbox) => Object.assign(Object.create(inbox) as typeof inbox, { produce: () => Promise.reject(new LogError('log/full', 'No space left in /data/log.db.', { file: '/data/log.db' })) }) });
    for (let n = 0; n < 10; n += 1) expect(told(await under.api.problem('POST', '/v1/runs', { body })).code).toBe('platform/unavailable');
    const { text } = await under.api.ask('POST', '/v1/runs', { body });
    expect(text).not.toContain('/data');
    expect(under.lines.filter(({ code }) => code === 'log/full')).toMatchObject([{ level: 'warn', message: expect.stringContaining('/data/log.db') as string }]);
  });

  it('says that something went wrong, and what only to the operator, under the same id', async () => {
    const under = await opening({ agents: { ...AGENTS, list: () => AGENTS.list(), find: () => { throw new Error('the disk /dev/sda1 burns'); } } });
    const { text, headers, body: found } = await under.api.ask('POST', '/v1/runs', { body, headers: { 'x-request-id': 'req-42' } });
    expect(told(found as Problem)).toMatchObject({ code: 'internal/error', instance: 'urn:runledger:request:req-42' });
    expect(text).not.toMatch(/sda1|\.ts|at /);
    expect(headers.get('x-request-id')).toBe('req-42');
    expect(under.lines.filter(({ code }) => code === 'internal/error')).toMatchObject([{ level: 'error', message: expect.stringContaining('the disk /dev/sda1 burns') as string, facts: { request: 'req-42', method: 'POST', path: '/v1/runs' } }]);
  });

  it('says that the list of runs is away', async () => {
    const under = await opening({});
    under.list.fault = Object.assign(new Error('gone'), { code: 'view/unavailable' });
    expect(told(await under.api.problem('GET', '/v1/runs')).code).toBe('view/unavailable');
  });

  it('has now said all that the API can say', () => {
    expect([...provoked].toSorted()).toEqual(Object.keys(PROBLEMS).toSorted());
  });
});
