import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '@runledger/contracts';
import { gatewayUnderTest, type UnderTest } from './testing/gateway-under-test.ts';

describe('the routes that are served', () => {
  const parts = { engine: { ready: true, required: true, detail: 'Two partitions.' } };
  let under: UnderTest;
  beforeAll(async () => {
    under = await gatewayUnderTest({ readiness: () => parts });
  });
  afterAll(() => under.close());

  it('are those of the contract, no more and no fewer', () => {
    const served = under.gateway.routes.map(({ method, path }) => `${method} ${path}`);
    expect(served.toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it('ask for a key, but for those that the contract has as public', async () => {
    for (const { method, path, public: isPublic } of ROUTES) {
      const { status, body } = await under.api.ask(method.toUpperCase(), path.replace('{run}', 'some').replace('{step}', '1'), { key: null });
      if (isPublic === true) expect(status, path).toBe(200);
      else expect(body, path).toMatchObject({ code: 'key/missing' });
    }
  });

  it('tell what they take when they are asked with another method, whether or not there is a key', async () => {
    for (const { path } of ROUTES) {
      const { body, headers } = await under.api.ask('DELETE', path.replace('{run}', 'some').replace('{step}', '1'), { key: null });
      expect(body, path).toMatchObject({ code: 'request/method' });
      const methods = ROUTES.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
      expect(headers.get('allow')?.split(', ').filter((method) => method !== 'HEAD').toSorted(), path).toEqual(methods.toSorted());
    }
  });

  it('answer HEAD where they answer GET', async () => {
    const { id } = await under.api.rested({ agent: 'desk', input: 'hello' });
    for (const path of ['/health', '/ready', '/v1/agents', '/v1/runs', `/v1/runs/${id}`, `/v1/runs/${id}/events`]) {
      const { status, text } = await under.api.ask('HEAD', path, { headers: { accept: 'text/event-stream' } });
      expect([status, text], path).toEqual([200, '']);
    }
  });

  it('give every answer that the contract has for them, each in its form', async () => {
    const { api } = under;
    const post = (path: string, body?: unknown, query: Record<string, number> = {}) => api.ask('POST', path, body === undefined ? { query } : { body, query });
    await post('/v1/runs', { agent: 'talker', input: 'hello', id: 'walked' }, { wait: 10 });
    await post('/v1/runs', { agent: 'talker', input: 'hello', id: 'walked' });
    await post('/v1/runs', { agent: 'slow', input: 'hello' });
    await post('/v1/runs/walked/input', { input: 'more' });
    await post('/v1/runs/walked/input', { input: 'more' }, { wait: 10 });
    for (const verb of ['pause', 'resume', 'cancel']) await post(`/v1/runs/walked/${verb}`);
    await post('/v1/runs', { agent: 'booker', input: 'hello', id: 'booked' }, { wait: 10 });
    await post('/v1/runs/booked/effects/2/reconcile', { applied: true, output: 'done' });
    for (const path of ['/v1/runs', '/v1/runs/walked', '/v1/runs/walked/events', '/v1/agents', '/health', '/ready']) await api.ask('GET', path);
    parts.engine.ready = false;
    await api.ask('GET', '/ready');
    parts.engine.ready = true;
    const all = ROUTES.flatMap(({ operation, answers }) => Object.keys(answers).map((status) => `${operation} ${status}`));
    expect(all.filter((answer) => !api.seen.has(answer))).toEqual([]);
  });

  it('are nothing else: other paths are unknown', async () => {
    for (const path of ['/', '/v1', '/v2/runs', '/v1/runs/a/b', '/v1/runs/a/effects/1', '/favicon.ico']) {
      expect(await under.api.problem('GET', path), path).toMatchObject({ code: 'request/unknown-route' });
    }
  });
});
