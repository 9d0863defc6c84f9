import { describe, expect, it } from 'vitest';
import type { Log, StoredRecord } from '../../log.ts';
import { appendAtEnd, bodiesOf, texts, withLog, type ContractLog } from './harness.ts';

const APPENDS = 120;

/** Follows a partition from an offset by callbacks alone, until it has seen the record before `end`. */
function tail(log: Log, partition: number, from: number, end: number, recordsMax: number): Promise<StoredRecord[]> {
  return new Promise((resolve, reject) => {
    const seen: StoredRecord[] = [];
    let reading = false;
    let again = false;
    const readOn = async (): Promise<void> => {
      if (reading) return void (again = true);
      reading = true;
      do {
        again = false;
        let records: readonly StoredRecord[];
        do {
          records = await log.read(partition, from + seen.length, { recordsMax, bytesMax: 10_000 });
          seen.push(...records);
        } while (records.length > 0);
      } while (again);
      reading = false;
      if (from + seen.length >= end) resolve((leave(), seen));
    };
    const leave = log.onAppended((appended) => {
      if (appended === partition) readOn().catch(reject);
    });
    if (from === 0) readOn().catch(reject);
  });
}

export function describeTailing(open: () => Promise<ContractLog>): void {
  describe('tailing', () => {
    it('gives readers that follow from the beginning or the middle the same records while a writer appends', () =>
      withLog(open, async ({ log }) => {
        const end = 20 + APPENDS * 2;
        await appendAtEnd(log, 0, texts(20, 'earlier'));
        const starts = [0, 0, 0, 1, 10, 19, 20];
        const followers = starts.map((from, k) => tail(log, 0, from, end, [1, 3, 1_000][k % 3] ?? 1));
        for (let k = 0; k < APPENDS; k += 1) {
          await appendAtEnd(log, 0, texts(2, `append ${k}, record`));
          if (k % 10 === 0) await appendAtEnd(log, 1, ['in between']);
        }
        const all = await bodiesOf(log, 0);
        expect(all).toHaveLength(end);
        const seen = await Promise.all(followers);
        seen.forEach((records, k) => {
          const from = starts[k] ?? 0;
          expect(records.map(({ offset }) => offset)).toEqual(all.map((_, offset) => offset).slice(from));
          expect(records.map(({ body }) => body)).toEqual(all.slice(from));
        });
      }));

    it('calls back for each partition that grew', () =>
      withLog(open, async ({ log }) => {
        const grown = new Set<number>();
        const both = new Promise<void>((resolve) => {
          log.onAppended((partition) => {
            grown.add(partition);
            if (grown.size === 2) resolve();
          });
        });
        await log.append([
          { partition: 0, expected: 0, bodies: ['a'] },
          { partition: 1, expected: 0, bodies: ['b'] },
        ]);
        await both;
        expect([...grown].toSorted()).toEqual([0, 1]);
      }));
  });
}
