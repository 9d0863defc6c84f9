/** What the disk itself takes for making 4 KiB durable: no log that syncs can be faster, one write at a time. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(4_096, 'a');

/** The ms of each sync. */
export function timeSyncs(directory: string, count: number): readonly number[] {
  const file = join(directory, 'floor.tmp');
  const descriptor = openSync(file, 'w');
  try {
    return Array.from({ length: count }, () => {
      const startedAt = performance.now();
      writeSync(descriptor, BLOCK);
      fdatasyncSync(descriptor);
      return performance.now() - startedAt;
    });
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
}
