/** Ways in which a file system, a disk or a person can damage the files of a log. */
import { hash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_BYTES } from '../store.ts';
import type { Random } from './workload.ts';

export const DAMAGES = ['flipped-bit', 'cut-off', 'zeroed-sector', 'misplaced-page', 'removed'] as const;
export type Damage = (typeof DAMAGES)[number];

const SECTOR_BYTES = 512;

/** Damages one file at a random place. Returns what was done, for the message of a test that fails. */
export function damage(directory: string, name: string, kind: Damage, random: Random): string {
  const file = join(directory, name);
  const { size } = statSync(file);
  const bytes = readFileSync(file);
  const at = random.integer(0, size);
  switch (kind) {
    case 'flipped-bit': {
      const bit = random.integer(0, 8);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      writeFileSync(file, bytes);
      return `${name}: bit ${bit} of byte ${at} flipped`;
    }
    case 'cut-off':
      truncateSync(file, at);
      return `${name}: cut off at ${at} of ${size}`;
    case 'zeroed-sector': {
      const sector = at - (at % SECTOR_BYTES);
      bytes.fill(0, sector, Math.min(size, sector + SECTOR_BYTES));
      writeFileSync(file, bytes);
      return `${name}: zeroes from ${sector}`;
    }
    case 'misplaced-page': {
      const pages = Math.max(1, Math.floor(size / PAGE_BYTES));
      const [from, to] = [random.integer(0, pages), random.integer(0, pages)];
      bytes.copy(bytes, to * PAGE_BYTES, from * PAGE_BYTES, Math.min(size, (from + 1) * PAGE_BYTES));
      writeFileSync(file, bytes);
      return `${name}: page ${from} written over page ${to}`;
    }
    case 'removed':
      rmSync(file);
      return `${name}: removed`;
  }
}

/** How many pages the database file has. */
export function pagesOf(directory: string): number {
  return statSync(join(directory, 'log.db')).size / PAGE_BYTES;
}

export function zeroPage(directory: string, page: number): void {
  const file = join(directory, 'log.db');
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
}

/** Digests of the files that are evidence of what happened. A file that is not there is as good as an empty one. */
export function evidence(directory: string): string[] {
  return ['log.db', 'log.db-wal', 'log.heads'].map((name) => {
    const file = join(directory, name);
    return `${name} ${hash('sha256', existsSync(file) ? readFileSync(file) : '')}`;
  });
}
