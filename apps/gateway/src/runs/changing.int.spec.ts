import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunAccepted, type RunView } from '@runledger/contracts';
import { gatewayUnderTest, type UnderTest } from '../testing/gateway-under-test.ts';

describe('the next input of a run', () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await gatewayUnderTest();
  });
  afterAll(() => under.close());

  it('goes on with a waiting run, and waits for its answer when asked to', async () => {
    const { id, waitingFor } = await under.api.rested({ agent: 'talker', input: 'hello' });
    expect(waitingFor).toBe('input');
    const accepted = await under.api.ask<RunAccepted>('POST', `/v1/runs/${id}/input`, { body: { input: 'more' } });
    expect([accepted.status, accepted.body.status]).toEqual([202, 'running']);
    const { status, body } = await under.api.ask<RunView>('POST', `/v1/runs/${id}/input`, { body: { input: 'last', final: true }, query: { wait: 30 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'completed', reason: 'input' });
  });

  it('is taken once under one id, from the body or the header', async () => {
    const { id } = await under.api.rested({ agent: 'talker', input: 'hello' });
    const ask = (asked: object) => under.api.ask<RunAccepted>('POST', `/v1/runs/${id}/input`, asked);
    const answers = await Promise.all([ask({ body: { input: 'more', id: 'i-1' } }), ask({ body: { input: 'more', id: 'i-1' } }), ask({ body: { input: 'more' }, headers: { 'idempotency-key': 'i-1' } })]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 202]);
    expect(answers.filter(({ body }) => body.duplicate === true)).toHaveLength(2);
    const view = await under.api.ask<RunView>('GET', `/v1/runs/${id}`, { query: { wait: 30 } });
    expect(view.body).toMatchObject({ status: 'waiting', modelCalls: 2 });
    expect(await under.api.problem('POST', `/v1/runs/${id}/input`, { body: { input: 'x', id: 'a' }, headers: { 'idempotency-key': 'b' } })).toMatchObject({ code: 'request/invalid' });
  });

  it('is another one each time without an id', async () => {
    const { id } = await under.api.rested({ agent: 'talker', input: 'hello' });
    for (let n = 2; n <= 3; n += 1) await under.api.ask('POST', `/v1/runs/${id}/input`, { body: { input: 'same' }, query: { wait: 30 } });
    expect((await under.api.ask<RunView>('GET', `/v1/runs/${id}`)).body).toMatchObject({ modelCalls: 3 });
    expect(await under.api.problem('POST', `/v1/runs/${id}/input`, { body: { input: 'same' } })).toMatchObject({ code: 'run/inputs-exceeded' });
  });

  it('is refused by a run that takes none', async () => {
    const single = await under.api.start({ agent: 'caller', input: 'hello', metadata: { calls: 200 } });
    expect(['run/single-turn', 'run/ended']).toContain((await under.api.problem('POST', `/v1/runs/${single.body.id}/input`, { body: { input: 'more' } })).code);
    const { id } = await under.api.rested({ agent: 'desk', input: 'hello' });
    expect(await under.api.problem('POST', `/v1/runs/${id}/input`, { body: { input: 'more' } })).toMatchObject({ code: 'run/ended' });
  });
});

describe('steering a run', () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await gatewayUnderTest();
  });
  afterAll(() => under.close());

  it('pauses, resumes and cancels, with or without a body', async () => {
    const { id } = await under.api.rested({ agent: 'talker', input: 'hello' });
    const post = (verb: string, body?: unknown) => under.api.ask<RunAccepted>('POST', `/v1/runs/${id}/${verb}`, body === undefined ? {} : { body });
    expect(await under.api.problem('POST', `/v1/runs/${id}/resume`)).toMatchObject({ code: 'run/not-paused' });
    expect((await post('pause', { reason: 'lunch' })).body).toMatchObject({ id, status: 'paused' });
    expect((await post('pause')).body).toMatchObject({ status: 'paused', duplicate: true });
    expect((await post('resume')).body).toMatchObject({ status: 'waiting' });
    expect((await post('cancel')).body).toMatchObject({ status: 'cancelled' });
    expect(await post('cancel', { reason: 'again' })).toMatchObject({ status: 202, body: { duplicate: true } });
    for (const verb of ['pause', 'resume']) expect(await under.api.problem('POST', `/v1/runs/${id}/${verb}`)).toMatchObject({ code: 'run/ended' });
  });

  it('cancels what is under way', async () => {
    const { body } = await under.api.start({ agent: 'slow', input: 'hello' });
    await under.api.ask('POST', `/v1/runs/${body.id}/cancel`, { body: { reason: 'not needed' } });
    const { body: view } = await under.api.ask<RunView>('GET', `/v1/runs/${body.id}`, { query: { wait: 30 } });
    expect(view).toMatchObject({ status: 'cancelled' });
  });

  it('reconciles an effect whose outcome is unknown, once', async () => {
    const { id, waitingFor } = await under.api.rested({ agent: 'booker', input: 'book it' });
    expect(waitingFor).toBe('reconciliation');
    const reconcile = `/v1/runs/${id}/effects/2/reconcile`;
    expect(await under.api.problem('POST', reconcile, { body: { applied: true } })).toMatchObject({ code: 'request/invalid' });
    expect(await under.api.problem('POST', `/v1/runs/${id}/effects/1/reconcile`, { body: { applied: false, reason: 'no' } })).toMatchObject({ code: 'effect/not-unknown' });
    const { status, body } = await under.api.ask<RunAccepted>('POST', reconcile, { body: { applied: true, output: 'booked: 17A' } });
    expect([status, body.status]).toEqual([202, 'running']);
    expect((await under.api.ask('GET', `/v1/runs/${id}`, { query: { wait: 30 } })).body).toMatchObject({ status: 'completed', output: 'answer of step 3' });
    expect((await under.api.problem('POST', reconcile, { body: { applied: true, output: 'booked: 17A' } })).code).toBe('effect/not-unknown');
  });

  it('tells a run that is being stopped from one that has ended', async () => {
    const { id } = await under.api.rested({ agent: 'booker', input: 'book it' });
    expect((await under.api.ask('POST', `/v1/runs/${id}/cancel`)).body).toMatchObject({ status: 'cancelling' });
    expect(await under.api.problem('POST', `/v1/runs/${id}/pause`)).toMatchObject({ code: 'run/cancelling' });
    await under.api.ask('POST', `/v1/runs/${id}/effects/2/reconcile`, { body: { applied: false, reason: 'was not booked' } });
    expect((await under.api.ask('GET', `/v1/runs/${id}`, { query: { wait: 30 } })).body).toMatchObject({ status: 'cancelled' });
  });
});
