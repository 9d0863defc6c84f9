/**
 * One partition of the log or of the inbox: a table of records by offset. Every row carries a checksum
 * over its kind, partition, offset and body, and every read checks it and the offsets' order, so that
 * damage which SQLite does not see (a swapped page, a lost row, a flipped bit) is never returned.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { LogError, type ReadLimits, type StoredRecord } from '@runledger/event-sourcing';
import { logErrorFrom } from './sqlite-errors.ts';

export type Kind = 'log' | 'inbox';

/** Rows are fetched in chunks: large enough to be fast, small enough that a wrong guess of their size costs little memory. */
const CHUNK_RECORDS_MAX = 256;
const RECORD_BYTES_GUESS = 1_024;

type Row = readonly [offset: unknown, crc: unknown, body: unknown];

export class RecordTable {
  /** The offset after the last record that was found or committed. */
  end: number;
  private readonly kind: Kind;
  private readonly partition: number;
  private readonly seed: number;
  private readonly selectEnd: StatementSync;
  private readonly selectRange: StatementSync;
  private readonly insertRow: StatementSync;
  private recordBytesMean = RECORD_BYTES_GUESS;

  constructor(database: DatabaseSync, kind: Kind, partition: number) {
    const name = `${kind}_${partition}`;
    this.kind = kind;
    this.partition = partition;
    this.seed = crc32(name);
    this.selectEnd = database.prepare(`SELECT max(offset) AS last FROM ${name}`);
    this.selectRange = database.prepare(`SELECT offset, crc, body FROM ${name} WHERE offset >= ? AND offset < ? ORDER BY offset`);
    this.selectRange.setReturnArrays(true);
    this.insertRow = database.prepare(`INSERT INTO ${name} (offset, crc, body) VALUES (?, ?, ?)`);
    this.end = this.findEnd();
  }

  /** Looks up where the table ends now: another process may be writing to it. */
  findEnd(): number {
    try {
      const last = this.selectEnd.get()?.['last'] ?? -1;
      if (typeof last !== 'number') throw new TypeError(`the last offset is ${String(last)}`);
      this.end = last + 1;
      return this.end;
    } catch (error) {
      throw logErrorFrom(error, `Finding the end of the ${this.kind}`, { partition: this.partition }, 'log/corrupt');
    }
  }

  /** Inside a transaction. `end` is not moved before the commit. */
  insert(offset: number, body: string): void {
    this.insertRow.run(offset, this.sumOf(offset, body), body);
  }

  /**
   * Records from `from` on, below `end`. A damaged record ends the records before it; a read that starts
   * at it throws `log/corrupt`, so that a reader gets everything that is good and then the exact place.
   */
  read(from: number, { recordsMax, bytesMax }: ReadLimits): StoredRecord[] {
    const records: StoredRecord[] = [];
    const last = Math.min(this.end, from + recordsMax);
    let chunkMax = CHUNK_RECORDS_MAX;
    let bytes = 0;
    for (let at = from; at < last && (bytes < bytesMax || bytes === 0); at = from + records.length) {
      const guess = Math.ceil((bytesMax - bytes) / this.recordBytesMean);
      const until = Math.min(last, at + Math.max(1, Math.min(chunkMax, guess)));
      try {
        for (const row of this.fetch(at, until)) {
          const offset = from + records.length;
          const body = this.checked(row, offset);
          bytes += Buffer.byteLength(body);
          if (bytes > bytesMax && records.length > 0) return records;
          records.push({ offset, body });
        }
      } catch (error) {
        if (chunkMax === 1 && records.length === 0) throw this.damaged(error, at);
        if (chunkMax === 1) return records;
        chunkMax = 1;
      }
      if (records.length > 0) this.recordBytesMean = Math.max(1, bytes / records.length);
    }
    return records;
  }

  /** Whether the last record can be read; the cheapest sign of a whole table. */
  checkLast(): void {
    if (this.end > 0) this.read(this.end - 1, { recordsMax: 1, bytesMax: 1 });
  }

  private fetch(from: number, until: number): readonly Row[] {
    const rows = this.selectRange.all(from, until) as unknown as Row[];
    if (rows.length !== until - from) throw new LogError('log/corrupt', `Partition ${this.partition} of the ${this.kind} ends at offset ${this.end}, but has ${rows.length} records from ${from} to ${until - 1}.`, { partition: this.partition, offset: from });
    return rows;
  }

  private checked([found, sum, body]: Row, offset: number): string {
    if (found === offset && typeof body === 'string' && sum === this.sumOf(offset, body)) return body;
    const what = found === offset ? 'does not have its checksum' : `is stored as offset ${String(found)}`;
    throw new LogError('log/corrupt', `The record at offset ${offset} of partition ${this.partition} of the ${this.kind} ${what}. Keep a copy of the directory, and restore the log from a backup.`, { partition: this.partition, offset });
  }

  private sumOf(offset: number, body: string): number {
    return crc32(body, (this.seed ^ offset ^ Math.floor(offset / 2 ** 32)) >>> 0);
  }

  private damaged(error: unknown, offset: number): LogError {
    return logErrorFrom(error, `Reading the ${this.kind}`, { partition: this.partition, offset }, 'log/corrupt');
  }
}
