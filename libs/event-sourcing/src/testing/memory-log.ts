/**
 * The reference log and inbox. A `MemoryStore` is what a disk would keep; every log and inbox opened
 * over the same store sees the same records, as processes over one directory would. The log enforces
 * the expected offset, like the embedded log; `faulty-log.ts` is the one that behaves like a broker.
 */
import { checkAppend, checkBody, checkInsideInbox, checkInsideLog, checkPartition, checkRead, checkTrim, closedError } from '../log-checks.ts';
import type { AppendOutcome, AppendRequest, DeadLetter, Extent, Inbox, Log, ReadLimits, StoredRecord } from '../log.ts';

export interface MemoryOptions {
  readonly partitions?: number;
  readonly recordBytesMax?: number;
  /** Give a new one to stand for an inbox that was replaced. */
  readonly inboxId?: string;
}

const RECORD_BYTES_MAX = 1024 * 1024;

type Listener = (partition: number) => void;

/** Records of one partition: `records[0]` has the offset `start`. */
interface Shelf {
  start: number;
  records: string[];
}

export class MemoryStore {
  readonly partitions: number;
  readonly recordBytesMax: number;
  readonly inboxId: string;
  readonly log: readonly Shelf[];
  readonly inbox: readonly Shelf[];
  readonly buried = new Map<string, DeadLetter>();
  readonly logListeners = new Set<Listener>();
  readonly inboxListeners = new Set<Listener>();

  constructor({ partitions = 1, recordBytesMax = RECORD_BYTES_MAX, inboxId = 'memory-inbox' }: MemoryOptions = {}) {
    this.partitions = partitions;
    this.recordBytesMax = recordBytesMax;
    this.inboxId = inboxId;
    this.log = Array.from({ length: partitions }, () => ({ start: 0, records: [] }));
    this.inbox = Array.from({ length: partitions }, () => ({ start: 0, records: [] }));
  }

  /** Appends wherever the log ends, without a question. Returns the offset of the first record. */
  appendLog(partition: number, bodies: readonly string[]): number {
    const offset = this.logExtent(partition).end;
    const { records } = shelf(this.log, partition);
    for (const body of bodies) records.push(body);
    for (const listener of this.logListeners) listener(partition);
    return offset;
  }

  /** Cuts the log's tail off, as an unclean election or a damaged disk would. */
  truncateLog(partition: number, end: number): void {
    const { start, records } = shelf(this.log, partition);
    records.length = Math.max(0, Math.min(records.length, end - start));
  }

  logExtent(partition: number): Extent {
    return extentOf(shelf(this.log, partition));
  }

  inboxExtent(partition: number): Extent {
    return extentOf(shelf(this.inbox, partition));
  }

  readLog(partition: number, from: number, limits: ReadLimits): readonly StoredRecord[] {
    checkRead(this.partitions, partition, from, limits);
    checkInsideLog(partition, from, this.logExtent(partition));
    return take(shelf(this.log, partition), from, limits);
  }

  readInbox(partition: number, from: number, limits: ReadLimits): readonly StoredRecord[] {
    checkRead(this.partitions, partition, from, limits);
    checkInsideInbox(partition, from, this.inboxExtent(partition));
    return take(shelf(this.inbox, partition), from, limits);
  }

  produce(partition: number, body: string): number {
    const offset = this.inboxExtent(partition).end;
    shelf(this.inbox, partition).records.push(body);
    for (const listener of this.inboxListeners) listener(partition);
    return offset;
  }

  trimInbox(partition: number, offset: number): void {
    const kept = shelf(this.inbox, partition);
    const count = offset - kept.start;
    if (count <= 0) return;
    kept.records.splice(0, count);
    kept.start = offset;
  }
}

export function memoryLog(store: MemoryStore = new MemoryStore()): Log {
  return new MemoryLog(store);
}

export function memoryInbox(store: MemoryStore = new MemoryStore()): Inbox {
  return new MemoryInbox(store);
}

/** Whether a handle may still be used, and whom it calls back. */
export class Handle {
  private closed = false;
  private readonly what: 'log' | 'inbox';
  private readonly listeners: Set<Listener>;
  private readonly own = new Set<Listener>();

  constructor(what: 'log' | 'inbox', listeners: Set<Listener>) {
    this.what = what;
    this.listeners = listeners;
  }

  checkOpen(): void {
    if (this.closed) throw closedError(this.what);
  }

  listen(listener: Listener): () => void {
    this.checkOpen();
    const once: Listener = (partition) => listener(partition);
    this.listeners.add(once);
    this.own.add(once);
    return () => void (this.listeners.delete(once), this.own.delete(once));
  }

  close(): void {
    this.closed = true;
    for (const listener of this.own) this.listeners.delete(listener);
    this.own.clear();
  }
}

/** A log over a store, without its way of appending. */
export abstract class StoreLog implements Log {
  readonly partitions: number;
  readonly recordBytesMax: number;
  readonly store: MemoryStore;
  protected readonly handle: Handle;

  constructor(store: MemoryStore) {
    this.store = store;
    this.partitions = store.partitions;
    this.recordBytesMax = store.recordBytesMax;
    this.handle = new Handle('log', store.logListeners);
  }

  abstract append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]>;

  async read(partition: number, from: number, limits: ReadLimits): Promise<readonly StoredRecord[]> {
    this.handle.checkOpen();
    return this.store.readLog(partition, from, limits);
  }

  async extent(partition: number): Promise<Extent> {
    this.handle.checkOpen();
    checkPartition(this.partitions, partition);
    return this.store.logExtent(partition);
  }

  onAppended(listener: Listener): () => void {
    return this.handle.listen(listener);
  }

  async close(): Promise<void> {
    this.handle.close();
  }
}

class MemoryLog extends StoreLog {
  async append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    this.handle.checkOpen();
    checkAppend(this, requests);
    return requests.map(({ partition, expected, bodies }): AppendOutcome => {
      const { end } = this.store.logExtent(partition);
      if (end !== expected) return { partition, outcome: 'fenced', end };
      return { partition, outcome: 'accepted', offset: this.store.appendLog(partition, bodies) };
    });
  }
}

class MemoryInbox implements Inbox {
  readonly id: string;
  readonly partitions: number;
  readonly recordBytesMax: number;
  private readonly store: MemoryStore;
  private readonly handle: Handle;

  constructor(store: MemoryStore) {
    this.store = store;
    this.id = store.inboxId;
    this.partitions = store.partitions;
    this.recordBytesMax = store.recordBytesMax;
    this.handle = new Handle('inbox', store.inboxListeners);
  }

  async produce(partition: number, body: string): Promise<number> {
    this.handle.checkOpen();
    checkPartition(this.partitions, partition);
    checkBody(this.recordBytesMax, body, partition);
    return this.store.produce(partition, body);
  }

  async read(partition: number, from: number, limits: ReadLimits): Promise<readonly StoredRecord[]> {
    this.handle.checkOpen();
    return this.store.readInbox(partition, from, limits);
  }

  async extent(partition: number): Promise<Extent> {
    this.handle.checkOpen();
    checkPartition(this.partitions, partition);
    return this.store.inboxExtent(partition);
  }

  onAppended(listener: Listener): () => void {
    return this.handle.listen(listener);
  }

  async trimBelow(partition: number, offset: number): Promise<void> {
    this.handle.checkOpen();
    checkPartition(this.partitions, partition);
    checkTrim(this.partitions, partition, offset, this.store.inboxExtent(partition));
    this.store.trimInbox(partition, offset);
  }

  async bury(partition: number, record: StoredRecord, reason: string): Promise<void> {
    this.handle.checkOpen();
    checkPartition(this.partitions, partition);
    const key = `${partition}/${record.offset}`;
    if (!this.store.buried.has(key)) this.store.buried.set(key, { partition, offset: record.offset, body: record.body, reason });
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    this.handle.checkOpen();
    return [...this.store.buried.values()].toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  async close(): Promise<void> {
    this.handle.close();
  }
}

function shelf(shelves: readonly Shelf[], partition: number): Shelf {
  const found = shelves[partition];
  if (found === undefined) throw new RangeError(`There is no partition ${partition} of ${shelves.length}.`);
  return found;
}

function extentOf({ start, records }: Shelf): Extent {
  return { start, end: start + records.length };
}

function take({ start, records }: Shelf, from: number, { recordsMax, bytesMax }: ReadLimits): readonly StoredRecord[] {
  const taken: StoredRecord[] = [];
  let bytes = 0;
  for (let at = from - start; at < records.length && taken.length < recordsMax; at += 1) {
    const body = records[at] ?? '';
    bytes += Buffer.byteLength(body);
    if (taken.length > 0 && bytes > bytesMax) break;
    taken.push({ offset: start + at, body });
  }
  return taken;
}
