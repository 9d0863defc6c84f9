import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunView } from '@runledger/contracts';
import { gatewayUnderTest, type UnderTest } from '../testing/gateway-under-test.ts';

describe('starting a run', () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await gatewayUnderTest();
  });
  afterAll(() => under.close());

  it('answers 202 with the state right after it, and the run is there from then on', async () => {
    for (let n = 0; n < 20; n += 1) {
      const { status, body } = await under.api.start({ agent: 'slow', input: 'hello' });
      expect(status).toBe(202);
      expect(body).toEqual({ id: expect.stringMatching(/^run_[01]_/) as string, status: 'running', sequence: 2 });
      const { status: found, body: view } = await under.api.ask<RunView>('GET', `/v1/runs/${body.id}`);
      expect(found).toBe(200);
      expect(view).toMatchObject({ id: body.id, tenant: 'default', agent: { name: 'slow', version: 'slow-v1' }, status: 'running', sequence: 2 });
    }
  });

  it('waits for the answer when asked to', async () => {
    const { status, body } = await under.api.ask<RunView>('POST', '/v1/runs', { body: { agent: 'desk', input: 'hello', metadata: { channel: 'web', vip: true, n: 3 } }, query: { wait: 30 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'completed', output: 'answer of step 1', metadata: { channel: 'web', vip: true, n: 3 }, modelCalls: 1 });
  });

  it('stops waiting when the time is up, and says how far the run is', async () => {
    const { status, body } = await under.api.ask<RunView>('POST', '/v1/runs', { body: { agent: 'slow', input: 'hello' }, query: { wait: 0.05 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'running', sequence: 2 });
  });

  it('does not wait with wait=0', async () => {
    const { status, body } = await under.api.start({ agent: 'slow', input: 'hello' }, { query: { wait: 0 } });
    expect([status, body.status]).toEqual([202, 'running']);
  });

  it('carries a valid traceparent into the events, and passes over an invalid one', async () => {
    const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    for (const [traceparent, expected] of [[valid, valid], ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', undefined], ['nonsense', undefined]] as const) {
      const { body } = await under.api.start({ agent: 'desk', input: 'hello' }, { headers: { traceparent } });
      const { body: page } = await under.api.ask<{ events: { traceparent?: string; actor: string }[] }>('GET', `/v1/runs/${body.id}/events`);
      expect(page.events[0]?.traceparent).toBe(expected);
      expect(page.events[0]?.actor).toBe(`key:${under.keys.list()[0]?.id}`);
    }
  });

  it('keeps the request id of the caller, and makes one instead of a strange one', async () => {
    expect((await under.api.ask('GET', '/health', { headers: { 'x-request-id': 'req-1:a.b' } })).headers.get('x-request-id')).toBe('req-1:a.b');
    for (const strange of ['a b', '{"a":1}', 'x'.repeat(200)]) {
      expect((await under.api.ask('GET', '/health', { headers: { 'x-request-id': strange } })).headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    }
  });
});

describe('an id or an Idempotency-Key', () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await gatewayUnderTest();
  });
  afterAll(() => under.close());

  it('stands for one run: the second start is answered with it', async () => {
    const first = await under.api.start({ agent: 'slow', input: 'hello', id: 'order/17' });
    const second = await under.api.start({ agent: 'slow', input: 'hello', id: 'order/17' });
    const third = await under.api.start({ agent: 'slow', input: 'hello' }, { headers: { 'idempotency-key': 'order/17' } });
    expect([first.status, second.status, third.status]).toEqual([202, 200, 200]);
    expect(second.body).toEqual({ id: first.body.id, status: 'running', sequence: 2, duplicate: true });
    expect(third.body).toEqual(second.body);
  });

  it('may be said in both places, if it is the same', async () => {
    const both = await under.api.start({ agent: 'slow', input: 'hello', id: 'both' }, { headers: { 'idempotency-key': 'both' } });
    expect(both.status).toBe(202);
    expect(await under.api.problem('POST', '/v1/runs', { body: { agent: 'slow', input: 'hello', id: 'one' }, headers: { 'idempotency-key': 'another' } })).toMatchObject({ code: 'request/invalid', errors: [{ path: 'header.Idempotency-Key' }] });
  });

  it('finds the run in every route', async () => {
    const { id } = await under.api.rested({ agent: 'talker', input: 'hello', id: 'ticket-5' });
    expect((await under.api.ask('GET', '/v1/runs/ticket-5')).body).toMatchObject({ id, key: 'ticket-5' });
    expect((await under.api.ask('GET', '/v1/runs/ticket-5/events')).body).toMatchObject({ events: expect.arrayContaining([expect.objectContaining({ subject: id })]) as unknown });
    expect((await under.api.ask('POST', '/v1/runs/ticket-5/input', { body: { input: 'more' } })).body).toMatchObject({ id });
    expect((await under.api.ask('POST', '/v1/runs/ticket-5/cancel')).body).toMatchObject({ id });
    const slashed = await under.api.start({ agent: 'slow', input: 'hello', id: 'a/b?c#d' });
    expect((await under.api.ask('GET', `/v1/runs/${encodeURIComponent('a/b?c#d')}`)).body).toMatchObject({ id: slashed.body.id });
  });

  it('is refused for another request', async () => {
    await under.api.start({ agent: 'desk', input: 'hello', id: 'used', metadata: { a: 1 } });
    for (const body of [{ agent: 'desk', input: 'other', id: 'used', metadata: { a: 1 } }, { agent: 'slow', input: 'hello', id: 'used', metadata: { a: 1 } }, { agent: 'desk', input: 'hello', id: 'used' }]) {
      expect(await under.api.problem('POST', '/v1/runs', { body })).toMatchObject({ code: 'run/key-reused' });
    }
  });

  it('makes one run of a hundred equal starts at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => under.api.start({ agent: 'slow', input: 'hello', id: 'crowd' })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 200 && body.duplicate === true)).toHaveLength(99);
    expect([...under.list.views.values()].filter((view) => view.key === 'crowd')).toHaveLength(1);
  });

  it('gives the whole run with wait, to each who asks', async () => {
    const ask = () => under.api.ask<RunView>('POST', '/v1/runs', { body: { agent: 'caller', input: 'hello', id: 'waited', metadata: { calls: 5 } }, query: { wait: 30 } });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first.body).toEqual(second.body);
    expect(first.body).toMatchObject({ status: 'completed', toolCalls: 5, output: 'answer of step 11' });
  });

  it('may not look like the id of a run, which it would be taken for', async () => {
    const id = `run_0_${'a'.repeat(26)}`;
    expect(await under.api.problem('POST', '/v1/runs', { body: { agent: 'desk', input: 'hello', id } })).toMatchObject({ code: 'request/invalid', errors: [{ path: 'body.id' }] });
  });
});
