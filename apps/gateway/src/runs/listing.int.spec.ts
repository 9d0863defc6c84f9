import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunPage } from '@runledger/contracts';
import { type RunViews } from '@runledger/storage';
import { codedError } from '../testing/listed-runs.ts';
import { gatewayUnderTest, type UnderTest } from '../testing/gateway-under-test.ts';
import { type RunList } from './run-list.ts';

/** Holds only if the views in Postgres are such a list. */
export const listOf = (views: RunViews): RunList => views;

describe('the list of runs', () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await gatewayUnderTest();
    for (let n = 0; n < 5; n += 1) await under.api.rested({ agent: n % 2 === 0 ? 'desk' : 'talker', input: `hello ${n}` });
  });
  afterAll(() => under.close());

  const list = async (query: Record<string, string | number> = {}) => (await under.api.ask<RunPage>('GET', '/v1/runs', { query })).body;

  it('comes page by page, filtered', async () => {
    const first = await list({ limit: 2 });
    const second = await list({ limit: 3, cursor: first.next ?? '' });
    expect([...first.runs, ...second.runs]).toEqual((await list()).runs);
    expect(second.next).toBeUndefined();
    expect((await list({ agent: 'talker' })).runs.map(({ status }) => status)).toEqual(['waiting', 'waiting']);
    expect((await list({ status: 'completed' })).runs).toHaveLength(3);
  });

  it('says how far behind the log it is, partition by partition', async () => {
    const ends = under.engine.status().map(({ partition, end }) => [partition, end] as const);
    under.list.offsets.clear();
    expect((await list()).current).toEqual(ends.map(([partition, end]) => ({ partition, offset: -1, behind: end })));
    for (const [partition, end] of ends) under.list.offsets.set(partition, { offset: end - 1 });
    expect((await list()).current).toEqual(ends.map(([partition, end]) => ({ partition, offset: end - 1, behind: 0 })));
  });

  it('refuses a cursor that it has not given out', async () => {
    expect(await under.api.problem('GET', '/v1/runs', { query: { cursor: 'abc' } })).toMatchObject({ code: 'request/invalid', errors: [{ path: 'query.cursor' }] });
  });

  it('may be away: then it says so, and everything else goes on', async () => {
    for (const code of ['view/unavailable', 'view/newer-version']) {
      under.list.fault = codedError(code, 'connect ECONNREFUSED 10.0.0.7:5432');
      const { body, text } = await under.api.ask('GET', '/v1/runs');
      expect(body).toMatchObject({ code: 'view/unavailable' });
      expect(text).not.toContain('10.0.0.7');
    }
    expect(await under.api.rested({ agent: 'desk', input: 'hello' })).toMatchObject({ status: 'completed' });
    under.list.fault = codedError('view/refused', 'permission denied for table run_view');
    const { body, text } = await under.api.ask('GET', '/v1/runs');
    expect(body).toMatchObject({ code: 'internal/error' });
    expect(text).not.toContain('run_view');
    expect(under.lines.find(({ code }) => code === 'internal/error')?.message).toContain('run_view');
    under.list.fault = undefined;
    expect((await list()).runs).toHaveLength(6);
  });
});
