/**
 * The inbox port over the store. Commands that are produced while the event loop turns once are written
 * in one transaction. Deleting is remembered at once and done in batches: what a crash brings back, the
 * owner deletes again from its position in the log.
 */
import { checkBody, checkInsideInbox, checkPartition, checkRead, checkTrim, LogError, type DeadLetter, type Extent, type Inbox, type ReadLimits, type StoredRecord } from '@runledger/event-sourcing';
import { DeadLetters } from './dead-letters.ts';
import { Doorbell } from './doorbell.ts';
import { InboxTrimmer } from './inbox-trimmer.ts';
import type { RecordTable } from './record-table.ts';
import type { Store } from './store.ts';

/** Commands that may wait for the next transaction. More would mean that a single turn of the event loop produced them. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024;
/** What a waiting command takes besides its text, so that empty ones are bounded too. */
const WAITING_OVERHEAD_BYTES = 256;

interface Waiting {
  readonly partition: number;
  readonly body: string;
  readonly bytes: number;
  resolve(offset: number): void;
  reject(error: unknown): void;
}

export class EmbeddedInbox implements Inbox {
  readonly id: string;
  readonly partitions: number;
  readonly recordBytesMax: number;
  private readonly store: Store;
  private readonly doorbell: Doorbell;
  private readonly trimmer: InboxTrimmer;
  private readonly letters: DeadLetters;
  private readonly closing: () => void;
  private waiting: Waiting[] = [];
  private waitingBytes = 0;

  constructor(store: Store, recordBytesMax: number, pollMs: number, closing: () => void) {
    this.store = store;
    this.id = store.layout.inboxId;
    this.partitions = store.layout.partitions;
    this.recordBytesMax = recordBytesMax;
    this.closing = closing;
    this.doorbell = new Doorbell('inbox', store.inbox, store.options.readOnly ? pollMs : undefined);
    this.trimmer = new InboxTrimmer(store);
    this.letters = new DeadLetters(store);
  }

  async produce(partition: number, body: string): Promise<number> {
    this.doorbell.checkOpen();
    checkPartition(this.partitions, partition);
    checkBody(this.recordBytesMax, body, partition);
    const bytes = Buffer.byteLength(body);
    if (this.waitingBytes + this.waiting.length * WAITING_OVERHEAD_BYTES + bytes > WAITING_BYTES_MAX) throw new LogError('log/unavailable', `${this.waiting.length} commands of ${this.waitingBytes} bytes wait to be written, and there is room for ${WAITING_BYTES_MAX} bytes. Await some of them before producing more.`, { partition });
    return await new Promise<number>((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => this.flush());
      this.waiting.push({ partition, body, bytes, resolve, reject });
      this.waitingBytes += bytes;
    });
  }

  async read(partition: number, from: number, limits: ReadLimits): Promise<readonly StoredRecord[]> {
    this.doorbell.checkOpen();
    checkRead(this.partitions, partition, from, limits);
    checkInsideInbox(partition, from, this.extentOf(partition));
    return this.table(partition).read(from, limits);
  }

  async extent(partition: number): Promise<Extent> {
    this.doorbell.checkOpen();
    checkPartition(this.partitions, partition);
    return this.extentOf(partition);
  }

  onAppended(listener: (partition: number) => void): () => void {
    return this.doorbell.listen(listener);
  }

  async trimBelow(partition: number, offset: number): Promise<void> {
    this.doorbell.checkOpen();
    checkPartition(this.partitions, partition);
    checkTrim(this.partitions, partition, offset, this.extentOf(partition));
    this.trimmer.trimBelow(partition, offset);
  }

  async bury(partition: number, record: StoredRecord, reason: string): Promise<void> {
    this.doorbell.checkOpen();
    checkPartition(this.partitions, partition);
    this.letters.bury({ partition, offset: record.offset, body: record.body, reason });
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    this.doorbell.checkOpen();
    return this.letters.all();
  }

  async close(): Promise<void> {
    if (!this.doorbell.close()) return;
    this.flush();
    this.trimmer.close();
    this.closing();
  }

  private flush(): void {
    const batch = this.waiting;
    if (batch.length === 0) return;
    this.waiting = [];
    const bytes = this.waitingBytes;
    this.waitingBytes = 0;
    const ends = this.store.inbox.map(({ end }) => end);
    const offsets = batch.map(({ partition }) => this.next(ends, partition));
    const write = (): void => batch.forEach(({ partition, body }, k) => this.table(partition).insert(offsets[k] ?? 0, body));
    const grown = new Set(batch.map(({ partition }) => partition));
    const applied = (): void => grown.forEach((partition) => (this.table(partition).end = ends[partition] ?? 0));
    try {
      this.store.transact('Producing to the inbox', { records: batch.length, bytes, tables: grown.size }, write, applied);
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    batch.forEach(({ resolve }, k) => resolve(offsets[k] ?? 0));
    for (const partition of grown) this.doorbell.ring(partition);
  }

  private next(ends: number[], partition: number): number {
    const offset = ends[partition] ?? 0;
    ends[partition] = offset + 1;
    return offset;
  }

  private extentOf(partition: number): Extent {
    const table = this.table(partition);
    return { start: this.trimmer.startOf(partition), end: this.store.options.readOnly ? table.findEnd() : table.end };
  }

  private table(partition: number): RecordTable {
    const table = this.store.inbox[partition];
    if (table === undefined) throw new RangeError(`There is no partition ${partition}.`);
    return table;
  }
}
