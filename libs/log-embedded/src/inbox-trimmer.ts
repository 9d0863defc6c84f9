/**
 * Deletes commands that have ended. The start of each partition moves in memory at once; rows go in
 * batches, so that deleting costs one sync per thousand commands. The last row of a partition always
 * stays: it is what the next offset is counted from.
 */
import type { StatementSync } from 'node:sqlite';
import { inboxStartKey, readMeta, writeMeta } from './schema.ts';
import type { Store } from './store.ts';

const TRIM_BATCH_RECORDS = 1_000;
/** Bounds the time of one transaction. What is over it goes with the next one. */
const DELETE_RECORDS_MAX = 5_000;

interface Trimmed {
  start: number;
  /** As stored in the table meta. */
  storedStart: number;
  /** The first row that may still be there. */
  lowest: number;
  readonly deleteRange: StatementSync;
}

export class InboxTrimmer {
  private readonly store: Store;
  private readonly partitions: readonly Trimmed[];

  constructor(store: Store) {
    this.store = store;
    this.partitions = store.inbox.map((_, partition) => {
      const start = this.storedStart(partition);
      const lowest = store.database.prepare(`SELECT min(offset) AS lowest FROM inbox_${partition}`).get()?.['lowest'];
      const deleteRange = store.database.prepare(`DELETE FROM inbox_${partition} WHERE offset >= ? AND offset < ?`);
      return { start, storedStart: start, lowest: typeof lowest === 'number' ? lowest : start, deleteRange };
    });
  }

  startOf(partition: number): number {
    return this.store.options.readOnly ? this.storedStart(partition) : this.trimmed(partition).start;
  }

  trimBelow(partition: number, offset: number): void {
    this.store.checkWritable('Deleting from the inbox');
    const trimmed = this.trimmed(partition);
    if (offset <= trimmed.start) return;
    trimmed.start = offset;
    if (offset - trimmed.lowest > TRIM_BATCH_RECORDS) this.deleteSome(partition, trimmed);
  }

  /** Stores the starts, so that a log that was closed in order is found as it was left. */
  close(): void {
    if (this.store.options.readOnly) return;
    this.partitions.forEach((trimmed, partition) => {
      if (trimmed.start === trimmed.storedStart) return;
      try {
        this.deleteSome(partition, trimmed);
      } catch {
        // Closing goes on after a failure that the store has reported; the owner deletes again next time.
      }
    });
  }

  private deleteSome(partition: number, trimmed: Trimmed): void {
    const { start, lowest } = trimmed;
    const end = this.store.inbox[partition]?.end ?? 0;
    const until = Math.max(lowest, Math.min(start, end - 1, lowest + DELETE_RECORDS_MAX));
    const write = (): void => {
      trimmed.deleteRange.run(lowest, until);
      writeMeta(this.store.database, inboxStartKey(partition), String(start));
    };
    const applied = (): void => {
      trimmed.lowest = until;
      trimmed.storedStart = start;
    };
    this.store.transact('Deleting from the inbox', { records: 0, bytes: 0, tables: 2 }, write, applied);
  }

  private storedStart(partition: number): number {
    return Number(readMeta(this.store.database, inboxStartKey(partition), this.store.options.file));
  }

  private trimmed(partition: number): Trimmed {
    const trimmed = this.partitions[partition];
    if (trimmed === undefined) throw new RangeError(`There is no partition ${partition}.`);
    return trimmed;
  }
}
