import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunPage, type RunView } from '@runledger/contracts';
import { gatewayUnderTest, type UnderTest } from '../testing/gateway-under-test.ts';

describe('a tenant', () => {
  let under: UnderTest;
  let run: RunView;
  beforeAll(async () => {
    under = await gatewayUnderTest();
    run = await under.api.rested({ agent: 'talker', input: 'secret', id: 'shared-name' });
  });
  afterAll(() => under.close());

  it('is told of another one\'s run what it is told of one that does not exist', async () => {
    const absent = run.id.replace(/.{5}$/, '00000');
    const told = async (reference: string) => {
      const get = await under.other.problem('GET', `/v1/runs/${reference}`);
      const waited = await under.other.problem('GET', `/v1/runs/${reference}`, { query: { wait: 5 } });
      const events = await under.other.problem('GET', `/v1/runs/${reference}/events`);
      const stream = await under.other.problem('GET', `/v1/runs/${reference}/events`, { headers: { accept: 'text/event-stream' } });
      const input = await under.other.problem('POST', `/v1/runs/${reference}/input`, { body: { input: 'x' } });
      const steering = await Promise.all(['cancel', 'pause', 'resume'].map((verb) => under.other.problem('POST', `/v1/runs/${reference}/${verb}`)));
      const reconcile = await under.other.problem('POST', `/v1/runs/${reference}/effects/1/reconcile`, { body: { applied: false, reason: '' } });
      return [get, waited, events, stream, input, ...steering, reconcile].map((problem) => JSON.stringify({ ...problem, instance: '' }).replaceAll(reference, 'REFERENCE'));
    };
    const foreign = await told(run.id);
    expect(foreign.every((text) => text.includes('"code":"run/unknown"'))).toBe(true);
    expect(foreign).toEqual(await told(absent));
    expect((await under.api.ask<RunView>('GET', `/v1/runs/${run.id}`)).body.sequence).toBe(run.sequence);
  });

  it('has its own ids: the same choice is another run', async () => {
    expect(await under.other.problem('GET', '/v1/runs/shared-name')).toMatchObject({ code: 'run/unknown' });
    const own = await under.other.start({ agent: 'desk', input: 'mine', id: 'shared-name' });
    expect(own.status).toBe(202);
    expect(own.body.id).not.toBe(run.id);
    expect((await under.other.ask<RunView>('GET', '/v1/runs/shared-name')).body).toMatchObject({ id: own.body.id, tenant: 'acme' });
    expect((await under.api.ask<RunView>('GET', '/v1/runs/shared-name')).body).toMatchObject({ id: run.id, tenant: 'default' });
  });

  it('lists its own runs only', async () => {
    await under.other.rested({ agent: 'desk', input: 'hello' });
    for (const [api, tenant] of [[under.api, 'default'], [under.other, 'acme']] as const) {
      const { body } = await api.ask<RunPage>('GET', '/v1/runs');
      expect(body.runs.length).toBeGreaterThan(0);
      expect(new Set(body.runs.map((listed) => listed.tenant))).toEqual(new Set([tenant]));
    }
  });
});
