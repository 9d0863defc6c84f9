/**
 * What the log and the inbox of one directory share: the database, the one way to write to it, and the
 * state after a failure. Every write is one transaction with one sync. The first failure that could
 * have touched the disk ends all writing: after a failed sync nobody knows what the disk holds, and a
 * second sync that succeeds would prove nothing.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LogError } from '@runledger/event-sourcing';
import { countDeadLetters } from './dead-letters.ts';
import type { Ends, HeadsFile } from './heads.ts';
import { RecordTable } from './record-table.ts';
import type { Layout } from './schema.ts';
import { isBusy, logErrorFrom } from './sqlite-errors.ts';

export interface StoreStats {
  /** Transactions, each with one sync of the WAL. */
  readonly commits: number;
  /** Records of the log and the inbox, and their UTF-8 bytes. */
  readonly records: number;
  readonly bytes: number;
  readonly checkpoints: number;
  /** The longest that the WAL was at a checkpoint, in pages. */
  readonly walPagesMax: number;
}

export interface StoreOptions {
  readonly file: string;
  readonly readOnly: boolean;
  /** The WAL is copied into the database when it has about this many pages. */
  readonly checkpointPages: number;
  readonly onStopped: (error: LogError) => void;
}

/** What a transaction is about to write, for counting and for guessing the growth of the WAL. */
export interface Weight {
  readonly records: number;
  readonly bytes: number;
  readonly tables: number;
}

/** Measured against 4 and 8 KiB: a fifth less CPU per record in batches, no slower for single ones, and less waste in the file. */
export const PAGE_BYTES = 16_384;
/** Besides its bytes, a row takes a header; an append to a table rewrites its last page. */
const ROW_BYTES = 24;
const PAGES_PER_TABLE = 1;

export class Store {
  readonly database: DatabaseSync;
  readonly layout: Layout;
  readonly log: readonly RecordTable[];
  readonly inbox: readonly RecordTable[];
  deadLetters: number;
  readonly options: StoreOptions;
  private heads: HeadsFile | undefined;
  private readonly begin: StatementSync;
  private readonly commit: StatementSync;
  private readonly checkpointNow: StatementSync;
  private readonly counted = { commits: 0, records: 0, bytes: 0, checkpoints: 0, walPagesMax: 0 };
  private walPages = 0;
  private stoppedBy: LogError | undefined;
  private stopTold = false;

  constructor(database: DatabaseSync, layout: Layout, options: StoreOptions) {
    this.database = database;
    this.layout = layout;
    this.options = options;
    const numbers = Array.from({ length: layout.partitions }, (_, partition) => partition);
    this.log = numbers.map((partition) => new RecordTable(database, 'log', partition));
    this.inbox = numbers.map((partition) => new RecordTable(database, 'inbox', partition));
    this.deadLetters = countDeadLetters(database);
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.commit = database.prepare('COMMIT');
    this.checkpointNow = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  get stats(): StoreStats {
    return { ...this.counted };
  }

  /** Whether a failure has ended the writing. */
  get stopped(): boolean {
    return this.stoppedBy !== undefined;
  }

  /** From now on the ends are written there after each commit. */
  keepHeads(heads: HeadsFile): void {
    this.heads = heads;
  }

  ends(): Ends {
    return { log: this.log.map(({ end }) => end), inbox: this.inbox.map(({ end }) => end), deadLetters: this.deadLetters };
  }

  /** Runs one transaction. Throws `LogError`; then nothing of it is known to be there. `applied` runs once it is durable. */
  transact(doing: string, weight: Weight, write: () => void, applied: () => void): void {
    this.checkWritable(doing);
    if (this.walPages >= this.options.checkpointPages) this.checkpoint();
    this.checkWritable(doing);
    try {
      this.begin.run();
      write();
      this.commit.run();
    } catch (error) {
      throw this.failed(error, doing);
    }
    applied();
    this.count(weight);
    this.writeHeads();
  }

  /** The first to be refused after a failure gets the failure itself, the others that the log takes no more. */
  checkWritable(doing: string): void {
    const { file, readOnly } = this.options;
    if (readOnly) throw new LogError('log/read-only', `${doing} is not possible: the log in ${file} was opened with readOnly.`, { file });
    if (this.stoppedBy === undefined) return;
    if (!this.stopTold) {
      this.stopTold = true;
      throw this.stoppedBy;
    }
    throw new LogError('log/read-only', `${doing} is not possible: the log in ${file} takes no more records since an earlier failure. ${this.stoppedBy.message}`, { file }, { cause: this.stoppedBy });
  }

  private failed(error: unknown, doing: string): LogError {
    const failure = logErrorFrom(error, doing, { file: this.options.file });
    try {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
    } catch (rollbackError) {
      this.stop(logErrorFrom(rollbackError, 'Rolling back', { file: this.options.file }));
    }
    // Another program that holds the database's lock for a while is no fault of the disk.
    if (!isBusy(error)) this.stop(failure);
    this.stopTold = this.stoppedBy !== undefined;
    return failure;
  }

  private stop(failure: LogError): void {
    if (this.stoppedBy !== undefined) return;
    this.stoppedBy = failure;
    this.options.onStopped(failure);
  }

  private count({ records, bytes, tables }: Weight): void {
    this.counted.commits += 1;
    this.counted.records += records;
    this.counted.bytes += bytes;
    this.walPages += Math.ceil((bytes + records * ROW_BYTES) / PAGE_BYTES) + tables * PAGES_PER_TABLE;
    // Rather after the answer to this append than before it; the next transaction does not go past it either.
    if (this.walPages >= this.options.checkpointPages) setImmediate(() => this.checkpointIfDue());
  }

  private checkpointIfDue(): void {
    if (this.database.isOpen && this.stoppedBy === undefined && this.walPages >= this.options.checkpointPages) this.checkpoint();
  }

  /** Called by us rather than by SQLite's own hook, which keeps silent about a checkpoint that failed. */
  private checkpoint(): void {
    this.walPages = 0;
    try {
      const row = this.checkpointNow.get();
      this.counted.checkpoints += 1;
      this.counted.walPagesMax = Math.max(this.counted.walPagesMax, Number(row?.['log'] ?? 0));
    } catch (error) {
      if (!isBusy(error)) this.stop(logErrorFrom(error, 'Copying the WAL into the database', { file: this.options.file }));
    }
  }

  /** The records are durable by now: a failure here ends the writing that comes after, and takes nothing back. */
  private writeHeads(): void {
    try {
      this.heads?.write(this.ends());
    } catch (error) {
      this.stop(logErrorFrom(error, 'Writing the file of heads', { file: this.options.file }));
    }
  }
}
