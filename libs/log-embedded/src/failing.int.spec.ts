/** What happens when the disk is full, refuses a write, or fails to sync: real ones, in a process of their own where that is needed. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openEmbeddedLog } from './index.ts';
import { runChild, type Child } from './testing/run-child.ts';
import { withDirectory } from './testing/scratch.ts';
import { Acknowledged, compareAll } from './testing/verify.ts';

const LIMITS = { recordsMax: 100_000, bytesMax: 1e9 };

/** Opens what a child left, and compares it with what the child was told. */
async function acceptedBy(child: Child, directory: string): Promise<number> {
  const acknowledged = new Acknowledged();
  for (const { accepted } of child.lines) acknowledged.add(accepted ?? []);
  const opened = openEmbeddedLog(directory, { partitions: 2 });
  await compareAll(opened, acknowledged).finally(() => opened.close());
  return acknowledged.of('log', 0).length;
}

describe('a full disk', () => {
  it('ends the writing with log/full, and the reading goes on', () =>
    withDirectory(async (directory) => {
      const stopped: unknown[] = [];
      const { log, inbox, close } = openEmbeddedLog(directory, { partitions: 1, databaseBytesMax: 400_000, onStopped: (error) => stopped.push(error.code) });
      let end = 0;
      let last;
      do {
        [last] = await log.append([{ partition: 0, expected: end, bodies: [`${end} ${'x'.repeat(3_000)}`, 'small'] }]);
        if (last?.outcome === 'accepted') end += 2;
      } while (last?.outcome === 'accepted');
      expect(last).toMatchObject({ outcome: 'unknown', error: { code: 'log/full' } });
      expect(end).toBeGreaterThan(100);
      expect(await log.append([{ partition: 0, expected: end, bodies: ['small'] }])).toMatchObject([{ outcome: 'unknown', error: { code: 'log/read-only', message: expect.stringContaining('full') } }]);
      await expect(inbox.produce(0, 'command')).rejects.toMatchObject({ code: 'log/read-only' });
      expect(stopped).toEqual(['log/full']);
      expect(await log.read(0, 0, LIMITS)).toHaveLength(end);
      await close();
      const again = openEmbeddedLog(directory);
      expect(await again.log.read(0, 0, LIMITS)).toHaveLength(end);
      expect(await again.log.append([{ partition: 0, expected: end, bodies: ['there is room again'] }])).toMatchObject([{ outcome: 'accepted' }]);
      await again.close();
    }));

  // A mount namespace of its own needs a kernel that permits it; the limit by SQLite above runs everywhere.
  it.runIf(mayMount() || process.env['CI'] !== undefined)('keeps what was accepted on a real file system of two megabytes', () =>
    withDirectory(async (directory) => {
      const copy = join(directory, 'copy');
      const small = join(directory, 'small');
      const script = 'small=$1; copy=$2; shift 2; mkdir "$small" && mount -t tmpfs -o size=2m tmpfs "$small" && "$@" && cp -r "$small/log" "$copy"';
      const child = runChild('fill', join(small, 'log'), {}, { around: ['unshare', '-m', 'sh', '-c', script, 'sh', small, copy] });
      expect(await child.ended).toMatchObject({ code: 0, errors: '' });
      const [report] = child.lines.filter(({ refused }) => refused !== undefined);
      expect(report?.refused?.map(({ code }) => code)).toEqual(['log/full', 'log/read-only', 'log/read-only']);
      const count = await acceptedBy(child, copy);
      expect(report).toMatchObject({ stopped: 1, read: count });
      expect(count).toBeGreaterThan(500);
      console.log(`a file system of 2 MB took ${count} records`);
    }),
  );
});

describe('a disk that fails', () => {
  it('ends the writing when a write is refused, keeps what was accepted, and reads on', () =>
    withDirectory(async (directory) => {
      const child = runChild('fill', directory, {}, { around: ['bash', '-c', 'ulimit -f 1500; exec "$@"', 'bash'] });
      expect(await child.ended).toMatchObject({ code: 0, errors: '' });
      const [report] = child.lines.filter(({ refused }) => refused !== undefined);
      expect(report?.refused?.map(({ code }) => code)).toEqual(['log/unavailable', 'log/read-only', 'log/read-only']);
      const count = await acceptedBy(child, directory);
      expect(report).toMatchObject({ stopped: 1, read: count });
      expect(count).toBeGreaterThan(500);
      console.log(`under a limit of 1.5 MB per file: ${count} records`);
    }));

  it.runIf(process.platform === 'linux')('ends the writing when a sync fails, and keeps what was accepted', () =>
    withDirectory(async (directory) => {
      const child = runChild('fill', directory, { breakSync: true });
      expect(await child.ended).toMatchObject({ code: 0, errors: '' });
      const [report] = child.lines.filter(({ refused }) => refused !== undefined);
      expect(report?.refused?.map(({ code }) => code)).toEqual(['log/unavailable', 'log/read-only', 'log/read-only']);
      expect(report?.refused?.[0]?.message).toContain('1034');
      expect(report?.stopped).toBe(1);
      expect(statSync(join(directory, 'log.db-wal')).size, 'the WAL after a failure').toBeGreaterThan(0);
      expect(await acceptedBy(child, directory)).toBe(200);
    }));

  it('goes on after another program had locked the database for a while', () =>
    withDirectory(async (directory) => {
      const { log, close } = openEmbeddedLog(directory, { partitions: 1 });
      const other = new DatabaseSync(join(directory, 'log.db'));
      other.exec('BEGIN IMMEDIATE');
      expect(await log.append([{ partition: 0, expected: 0, bodies: ['first'] }])).toMatchObject([{ outcome: 'unknown', error: { code: 'log/unavailable' } }]);
      other.exec('ROLLBACK');
      other.close();
      expect(await log.append([{ partition: 0, expected: 0, bodies: ['first'] }])).toEqual([{ partition: 0, outcome: 'accepted', offset: 0 }]);
      await close();
    }));
});

function mayMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
