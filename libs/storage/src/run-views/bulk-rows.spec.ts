import { expect, test } from 'vitest';
import { runNumber } from '../testing/run-view-samples.ts';
import { newestOf, upsertParameters } from './bulk-rows.ts';

test('runs that stand once are taken as they are', () => {
  const views = [runNumber(1), runNumber(2)];
  expect(newestOf(views)).toBe(views);
});

test('of a run that stands several times the newest counts, in whatever order they come', () => {
  const [older, newer, other] = [runNumber(1, { sequence: 4 }), runNumber(1, { sequence: 9 }), runNumber(2)];
  expect(newestOf([older, newer, other])).toEqual([newer, other]);
  expect(newestOf([newer, other, older])).toEqual([newer, other]);
});

test('equal ids of two tenants are two runs', () => {
  const views = [runNumber(1, { tenant: 'acme' }), runNumber(1, { tenant: 'globex' })];
  expect(newestOf(views)).toEqual(views);
});

test('columns are arrays as Postgres reads them, in the order of the primary key', () => {
  const views = [
    runNumber(1, { tenant: 'globex', agent: { name: 'airline', version: 'a "quoted" \\ one' }, endedAt: '2026-11-22T00:00:00Z' }),
    runNumber(2, { tenant: 'acme', agent: { name: 'airline', version: 'a\0b' } }),
  ];
  const [partition, tenants, ids, agents, versions, statuses, , , ends, sequences, rows] = upsertParameters(7, views);
  expect([partition, tenants, agents, statuses, sequences]).toEqual([7, '{"acme","globex"}', '{"airline","airline"}', '{"running","running"}', '{1,1}']);
  expect(ids).toBe(`{"${views[1]?.id}","${views[0]?.id}"}`);
  expect(versions).toBe('{"a\\u0000b","a \\"quoted\\" \\\\ one"}');
  expect(ends).toBe('{null,"2026-11-22T00:00:00Z"}');
  expect(JSON.parse(String(rows))).toEqual([views[1], views[0]]);
});
