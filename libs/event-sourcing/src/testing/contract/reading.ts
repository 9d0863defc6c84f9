import { describe, expect, it } from 'vitest';
import { appendAtEnd, logErrorOf, readAll, texts, withLog, WIDE, type ContractLog } from './harness.ts';

const FIFTY = texts(50);

export function describeReading(open: () => Promise<ContractLog>): void {
  describe('reading', () => {
    it('returns nothing at the end of a partition, and of an empty one', () =>
      withLog(open, async ({ log }) => {
        expect(await log.read(0, 0, WIDE)).toEqual([]);
        await appendAtEnd(log, 0, FIFTY);
        expect(await log.read(0, 50, WIDE)).toEqual([]);
        expect(await log.extent(1)).toEqual({ start: 0, end: 0 });
      }));

    it.each([1, 2, 7, 49, 50, 1_000])('returns the same records %i at a time', (recordsMax) =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, FIFTY);
        const first = await log.read(0, 0, { recordsMax, bytesMax: 1_000_000 });
        expect(first.length).toBeLessThanOrEqual(recordsMax);
        expect(await readAll(log, 0, 0, { recordsMax, bytesMax: 1_000_000 })).toEqual(FIFTY.map((body, offset) => ({ offset, body })));
      }),
    );

    it.each([0, 1, 25, 49])('starts at offset %i', (from) =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, FIFTY);
        expect(await readAll(log, 0, from)).toEqual(FIFTY.map((body, offset) => ({ offset, body })).slice(from));
      }),
    );

    it.each([1, 100, 5_000])('stays within %i bytes, unless one record alone is larger', (bytesMax) =>
      withLog(open, async ({ log }) => {
        const bodies = Array.from({ length: 60 }, (_, k) => String(k % 10).repeat(1 + ((k * 37) % 400)));
        await appendAtEnd(log, 0, bodies);
        let at = 0;
        while (at < bodies.length) {
          const records = await log.read(0, at, { recordsMax: 1_000, bytesMax });
          const bytes = records.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
          expect(records.length).toBeGreaterThan(0);
          expect(records.length === 1 || bytes <= bytesMax).toBe(true);
          expect(records.map(({ body }) => body)).toEqual(bodies.slice(at, at + records.length));
          at += records.length;
        }
      }),
    );

    it('returns one record that is larger than the limit of bytes', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, ['x'.repeat(10_000), 'next']);
        expect((await log.read(0, 0, { recordsMax: 10, bytesMax: 1 })).map(({ body }) => body.length)).toEqual([10_000]);
      }));

    it.each([-1, 4, 1_000_000])('stops a reader that starts at offset %i, outside a log of three records', (from) =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, texts(3));
        const error = await logErrorOf(() => log.read(0, from, WIDE), 'log/truncated');
        expect(error.where).toMatchObject({ partition: 0, offset: from });
      }),
    );

    it.each([
      ['a partition that does not exist', 99, 0, WIDE],
      ['an offset that is no integer', 0, 0.5, WIDE],
      ['no records', 0, 0, { recordsMax: 0, bytesMax: 100 }],
      ['no bytes', 0, 0, { recordsMax: 1, bytesMax: 0 }],
    ])('refuses to read %s', (_, partition, from, limits) =>
      withLog(open, async ({ log }) => {
        await logErrorOf(() => log.read(partition, from, limits), 'log/misuse');
      }),
    );

    it('refuses the extent of a partition that does not exist', () =>
      withLog(open, async ({ log }) => {
        await logErrorOf(() => log.extent(99), 'log/misuse');
      }));

    it('returns the same records to many readers at once, wherever they start and whatever their limits', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, FIFTY);
        const readers = Array.from({ length: 12 }, (_, k) => ({ from: k * 4, recordsMax: k + 1 }));
        const read = await Promise.all(readers.map(({ from, recordsMax }) => readAll(log, 0, from, { recordsMax, bytesMax: 60 })));
        read.forEach((records, k) => expect(records.map(({ body }) => body)).toEqual(FIFTY.slice(k * 4)));
      }));
  });
}
