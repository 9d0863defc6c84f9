import { Agent, get, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type RunView } from '@runledger/contracts';
import { createGateway } from './gateway.ts';
import { EventClient } from './testing/event-client.ts';
import { gatewayUnderTest, type UnderTest } from './testing/gateway-under-test.ts';

describe('the gateway', () => {
  let under: UnderTest | undefined;
  afterEach(() => under?.close());

  it('says which port is taken, and what to try', async () => {
    under = await gatewayUnderTest();
    const port = Number(new URL(under.gateway.url).port);
    const { runs, keys, list } = under;
    const again = createGateway({ runs, keys, list, agents: { list: () => [], find: () => undefined }, partitions: () => [], readiness: () => ({}), port });
    await expect(again).rejects.toMatchObject({ name: 'GatewayError', code: 'gateway/port-taken', port, message: expect.stringContaining(`Port ${port} on 127.0.0.1 is taken`) as string });
    await expect(createGateway({ runs, keys, list, agents: { list: () => [], find: () => undefined }, partitions: () => [], readiness: () => ({}), port: 0, host: '192.0.2.1' })).rejects.toMatchObject({ code: 'gateway/port-refused' });
    expect((await under.api.ask('GET', '/health')).body).toEqual({ status: 'up' });
  });

  it('is ready while every part is that it cannot do without', async () => {
    const parts = { engine: { ready: true, required: true }, views: { ready: false, required: false, detail: 'Postgres is away.' } };
    under = await gatewayUnderTest({ readiness: () => parts });
    expect(await under.api.ask('GET', '/ready', { key: null })).toMatchObject({ status: 200, body: { ready: true, parts: { engine: { ready: true }, views: { ready: false, detail: 'Postgres is away.' } } } });
    parts.engine.ready = false;
    expect(await under.api.ask('GET', '/ready', { key: null })).toMatchObject({ status: 503, body: { ready: false, parts: { engine: { ready: false } } } });
  });

  it('lists the agents that are loaded', async () => {
    under = await gatewayUnderTest();
    const { body } = await under.api.ask<{ agents: { name: string }[] }>('GET', '/v1/agents');
    expect(body.agents.map(({ name }) => name)).toEqual(['desk', 'talker', 'caller', 'booker', 'slow', 'slow-once']);
  });

  it('lets a new key in and a revoked one out within a second or so', async () => {
    under = await gatewayUnderTest();
    const { key, text } = await under.keys.create({ tenant: 'acme', name: 'second' });
    expect((await under.api.ask('GET', '/v1/agents', { key: text })).status).toBe(200);
    await under.keys.revoke(key.id);
    expect(await under.api.problem('GET', '/v1/agents', { key: text })).toMatchObject({ code: 'key/unknown' });
  });
});

describe('closing the gateway', () => {
  it('ends streams and waits with what there is, and keeps no connection', async () => {
    const under = await gatewayUnderTest();
    const { body } = await under.api.start({ agent: 'slow', input: 'hello' });
    const stream = await EventClient.open(under.api, body.id);
    for (let n = 1; n <= 2; n += 1) expect((await stream.next())?.id).toBe(n);
    const waiting = under.api.ask<RunView>('GET', `/v1/runs/${body.id}`, { query: { wait: 60 } });
    const agent = new Agent({ keepAlive: true });
    const idle = await new Promise<IncomingMessage>((resolve) => get(`${under.gateway.url}/health`, { agent }, resolve));
    idle.resume();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(under.gateway.openAnswers).toBe(2);

    const startedAt = performance.now();
    await Promise.all([under.gateway.close(), under.gateway.close()]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    // An end, not a break: the client knows that it has every event up to here.
    expect(await stream.rest()).toEqual([]);
    expect(await waiting).toMatchObject({ status: 200, body: { id: body.id, status: 'running', sequence: 2 } });
    await expect(fetch(`${under.gateway.url}/health`)).rejects.toThrow();
    expect(under.lines.filter(({ level }) => level !== 'info')).toEqual([]);
    agent.destroy();
    await under.close();
  });
});
