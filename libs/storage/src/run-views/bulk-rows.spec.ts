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

test('a version with a NUL can be stored', () => {
  const [, , , , versions] = upsertParameters(0, [runNumber(1, { agent: { name: 'airline', version: 'a\0b' } })]);
  expect(versions).toEqual(['a\ufffdb']);
});
