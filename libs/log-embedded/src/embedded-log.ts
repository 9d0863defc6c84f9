/** The log port over the store: one append call is one transaction over all its partitions. */
import { checkAppend, checkInsideLog, checkPartition, checkRead, LogError, type AppendOutcome, type AppendRequest, type Extent, type Log, type ReadLimits, type StoredRecord } from '@runledger/event-sourcing';
import { Doorbell } from './doorbell.ts';
import type { RecordTable } from './record-table.ts';
import type { Store } from './store.ts';

export class EmbeddedLog implements Log {
  readonly partitions: number;
  readonly recordBytesMax: number;
  private readonly store: Store;
  private readonly doorbell: Doorbell;
  private readonly closing: () => void;

  constructor(store: Store, recordBytesMax: number, pollMs: number, closing: () => void) {
    this.store = store;
    this.partitions = store.layout.partitions;
    this.recordBytesMax = recordBytesMax;
    this.closing = closing;
    this.doorbell = new Doorbell('log', store.log, store.options.readOnly ? pollMs : undefined);
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    this.doorbell.checkOpen();
    checkAppend(this, requests);
    if (this.store.options.readOnly) return this.write(requests);
    const fitting = requests.filter(({ partition, expected }) => this.table(partition).end === expected);
    if (fitting.length === requests.length) return this.write(requests);
    const written = fitting.length === 0 ? [] : this.write(fitting);
    return requests.map(({ partition }) => written.find((outcome) => outcome.partition === partition) ?? { partition, outcome: 'fenced', end: this.table(partition).end });
  }

  async read(partition: number, from: number, limits: ReadLimits): Promise<readonly StoredRecord[]> {
    this.doorbell.checkOpen();
    checkRead(this.partitions, partition, from, limits);
    const table = this.table(partition);
    checkInsideLog(partition, from, this.extentOf(table));
    return table.read(from, limits);
  }

  async extent(partition: number): Promise<Extent> {
    this.doorbell.checkOpen();
    checkPartition(this.partitions, partition);
    return this.extentOf(this.table(partition));
  }

  onAppended(listener: (partition: number) => void): () => void {
    return this.doorbell.listen(listener);
  }

  async close(): Promise<void> {
    if (this.doorbell.close()) this.closing();
  }

  private write(requests: readonly AppendRequest[]): readonly AppendOutcome[] {
    let records = 0;
    let bytes = 0;
    for (const { bodies } of requests) {
      records += bodies.length;
      for (const body of bodies) bytes += Buffer.byteLength(body);
    }
    try {
      this.store.transact('Appending to the log', { records, bytes, tables: requests.length }, () => this.insert(requests), () => this.move(requests));
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      return requests.map(({ partition }) => ({ partition, outcome: 'unknown', error }));
    }
    for (const { partition } of requests) this.doorbell.ring(partition);
    return requests.map(({ partition, expected }) => ({ partition, outcome: 'accepted', offset: expected }));
  }

  private insert(requests: readonly AppendRequest[]): void {
    for (const { partition, expected, bodies } of requests) {
      const table = this.table(partition);
      for (let k = 0; k < bodies.length; k += 1) table.insert(expected + k, bodies[k] ?? '');
    }
  }

  private move(requests: readonly AppendRequest[]): void {
    for (const { partition, expected, bodies } of requests) this.table(partition).end = expected + bodies.length;
  }

  private extentOf(table: RecordTable): Extent {
    return { start: 0, end: this.store.options.readOnly ? table.findEnd() : table.end };
  }

  private table(partition: number): RecordTable {
    const table = this.store.log[partition];
    if (table === undefined) throw new RangeError(`There is no partition ${partition}.`);
    return table;
  }
}
