/** How many transactions, and so how many syncs, things cost; and that the WAL stays short. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbeddedLog, type OpenedLog } from './index.ts';
import { PAGE_BYTES } from './store.ts';
import { withDirectory } from './testing/scratch.ts';

async function commitsOf({ stats }: OpenedLog, work: () => Promise<unknown>): Promise<number> {
  const before = stats().commits;
  await work();
  return stats().commits - before;
}

async function withLog(options: { checkpointPages?: number }, test: (opened: OpenedLog, directory: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const opened = openEmbeddedLog(directory, { partitions: 4, ...options });
    await test(opened, directory).finally(() => opened.close());
  });
}

describe('what one transaction holds', () => {
  it('is a whole append call, over all its partitions', () =>
    withLog({}, async (opened) => {
      const requests = [0, 1, 2, 3].map((partition) => ({ partition, expected: 0, bodies: Array.from({ length: 50 }, (_, k) => `record ${k}`) }));
      expect(await commitsOf(opened, () => opened.log.append(requests))).toBe(1);
      expect(opened.stats()).toMatchObject({ commits: 1, records: 200, bytes: 4 * (10 * 8 + 40 * 9) });
    }));

  it('is nothing where every partition is fenced', () =>
    withLog({}, async (opened) => {
      expect(await commitsOf(opened, () => opened.log.append([{ partition: 0, expected: 7, bodies: ['elsewhere'] }]))).toBe(0);
    }));

  it('is every command that was produced in one turn of the event loop', () =>
    withLog({}, async (opened) => {
      const produce = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, (_, k) => opened.inbox.produce(k % 4, `command ${k}`)));
      expect(await commitsOf(opened, () => produce(500))).toBe(1);
      expect(await commitsOf(opened, async () => (await produce(1), await produce(1)))).toBe(2);
    }));

  it('is a thousand deletions and more in the inbox', () =>
    withLog({}, async (opened) => {
      await Promise.all(Array.from({ length: 5_000 }, (_, k) => opened.inbox.produce(0, `command ${k}`)));
      const deleteOneByOne = async (): Promise<void> => {
        for (let offset = 1; offset <= 5_000; offset += 1) await opened.inbox.trimBelow(0, offset);
      };
      expect(await commitsOf(opened, deleteOneByOne)).toBeLessThanOrEqual(5);
      expect(await opened.inbox.extent(0)).toEqual({ start: 5_000, end: 5_000 });
    }));

  it('is written for commands that still wait when the inbox is closed', () =>
    withDirectory(async (directory) => {
      const opened = openEmbeddedLog(directory, { partitions: 1 });
      const produced = opened.inbox.produce(0, 'just before');
      await opened.close();
      expect(await produced).toBe(0);
      const again = openEmbeddedLog(directory);
      expect(await again.inbox.extent(0)).toEqual({ start: 0, end: 1 });
      await again.close();
    }));
});

describe('the WAL', () => {
  it.each(['without a pause', 'with pauses'])('stays near its limit when records are appended %s', (how) =>
    withLog({ checkpointPages: 40 }, async ({ log, stats }, directory) => {
      const bodies = Array.from({ length: 20 }, () => 'x'.repeat(1_000));
      for (let k = 0; k < 200; k += 1) {
        await log.append([{ partition: 0, expected: k * 20, bodies }]);
        if (how === 'with pauses') await new Promise(setImmediate);
      }
      expect(stats().checkpoints).toBeGreaterThan(10);
      expect(stats().walPagesMax).toBeLessThan(60);
      expect(statSync(join(directory, 'log.db-wal')).size).toBeLessThan(60 * PAGE_BYTES);
    }),
  );

  it('stays near its limit for single small records', () =>
    withLog({ checkpointPages: 100 }, async ({ log, stats }) => {
      for (let k = 0; k < 1_000; k += 1) await log.append([{ partition: k % 4, expected: Math.floor(k / 4), bodies: ['small'] }]);
      expect(stats().checkpoints).toBeGreaterThan(5);
      expect(stats().walPagesMax).toBeLessThan(150);
    }));

  it('stays near its limit beside a reader in another connection', () =>
    withLog({ checkpointPages: 40 }, async ({ log, stats }, directory) => {
      const reader = openEmbeddedLog(directory, { readOnly: true, pollMs: 1 });
      let calls = 0;
      reader.log.onAppended(() => (calls += 1));
      for (let k = 0; k < 300; k += 1) {
        await log.append([{ partition: 0, expected: k * 10, bodies: Array.from({ length: 10 }, () => 'x'.repeat(1_000)) }]);
        if (k % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
        if (k % 7 === 0) await reader.log.read(0, k * 5, { recordsMax: 50, bytesMax: 1e6 });
      }
      expect(calls).toBeGreaterThan(0);
      expect(stats().walPagesMax).toBeLessThan(100);
      await reader.close();
    }));
});
