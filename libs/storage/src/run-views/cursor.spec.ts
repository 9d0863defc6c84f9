import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

const end = { startedAt: '2026-11-21T10:00:00.000Z', id: 'run_3_0123456789abcdefghijklmnop' };
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a cursor says where the page ended', () => {
  expect(decodeCursor(encodeCursor(end))).toEqual(end);
});

test('a cursor fits into a query', () => {
  expect(encodeCursor(end)).toMatch(/^[\w-]{1,500}$/);
});

test.each([
  ['empty', ''],
  ['not base64', '***'],
  ['not JSON', Buffer.from('hello').toString('base64url')],
  ['not a list', encoded(end)],
  ['a list of the wrong length', encoded([end.startedAt, end.id, 1])],
  ['no time in it', encoded(['yesterday', end.id])],
  ['no run in it', encoded([end.startedAt, "' OR 1=1"])],
])('a cursor that is %s is refused', (_, cursor) => {
  expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ name: 'ViewError', code: 'view/bad-cursor' }));
});
