/**
 * How far a reader has come. An offset alone would not do: a reader that starts in the middle does not
 * know which writer is in force, nor whether the log below it is still the one it had read.
 */
import type { Fence } from './fence.ts';
import { LogError, type Log } from './log.ts';
import type { Hash } from './hash.ts';

/** `offset` is that of the last record read; -1 before the first. `digest` is the hash of that record's text. */
export interface Position {
  readonly offset: number;
  readonly fence: Fence;
  readonly digest: string;
}

export const BEGINNING: Position = { offset: -1, fence: { writer: null, n: 0, epoch: 0 }, digest: '' };

/**
 * Re-reads the record at a stored position before a reader goes on from there.
 * Throws `LogError` `log/truncated` if another record stands there, or none.
 */
export async function confirmPosition(log: Log, partition: number, position: Position, hash: Hash): Promise<void> {
  if (position.offset < 0) return;
  const where = { partition, offset: position.offset };
  const { start, end } = await log.extent(partition);
  if (position.offset >= end) throw new LogError('log/truncated', `A reader of partition ${partition} had read offset ${position.offset}, but the log ends at ${end}. Records are missing: restore the log, or rebuild the reader.`, where);
  if (position.offset < start) return;
  const [record] = await log.read(partition, position.offset, { recordsMax: 1, bytesMax: 1 });
  if (record === undefined || hash(record.body) !== position.digest) throw new LogError('log/truncated', `Partition ${partition} has another record at offset ${position.offset} than the one read before: the log was replaced. Rebuild the reader.`, where);
}
