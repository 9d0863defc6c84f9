/**
 * Calls readers back when partitions grow, and knows whether the log or inbox is still open. The
 * writing process rings itself; a process that only reads looks at the ends of the tables at intervals.
 */
import { closedError } from '@runledger/event-sourcing';
import type { Kind, RecordTable } from './record-table.ts';

export class Doorbell {
  private readonly kind: Kind;
  private readonly tables: readonly RecordTable[];
  private readonly pollMs: number | undefined;
  private readonly listeners = new Set<(partition: number) => void>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(kind: Kind, tables: readonly RecordTable[], pollMs: number | undefined) {
    this.kind = kind;
    this.tables = tables;
    this.pollMs = pollMs;
  }

  checkOpen(): void {
    if (this.closed) throw closedError(this.kind);
  }

  listen(listener: (partition: number) => void): () => void {
    this.checkOpen();
    const own = (partition: number): void => listener(partition);
    this.listeners.add(own);
    this.startPolling();
    return () => {
      this.listeners.delete(own);
      if (this.listeners.size === 0) this.stopPolling();
    };
  }

  ring(partition: number): void {
    for (const listener of this.listeners) {
      try {
        listener(partition);
      } catch (error) {
        // A listener's mistake must not turn a durable append into a failed one; nor may it be hidden.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Whether this was the first time. */
  close(): boolean {
    const first = !this.closed;
    this.closed = true;
    this.listeners.clear();
    this.stopPolling();
    return first;
  }

  private startPolling(): void {
    if (this.pollMs === undefined || this.timer !== undefined) return;
    const seen = this.tables.map(endOf);
    this.timer = setInterval(() => {
      this.tables.forEach((table, partition) => {
        const end = endOf(table);
        if (end === seen[partition]) return;
        seen[partition] = end;
        this.ring(partition);
      });
    }, this.pollMs);
  }

  private stopPolling(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

/** Never the same as before if it cannot be found: then the readers are called, and meet the error when they read. */
function endOf(table: RecordTable): number {
  try {
    return table.findEnd();
  } catch {
    return Number.NaN;
  }
}
