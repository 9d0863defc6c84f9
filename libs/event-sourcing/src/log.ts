/**
 * The ports to an append-only log with partitions, and to the inbox of commands beside it.
 *
 * A log stores opaque record texts at gap-free offsets, one order per partition. It promises no
 * "append if version": who may write is decided by the records themselves (see `fence.ts`), so that
 * the same rules hold on a disk that could refuse and on a broker that cannot.
 */

/** A record as it lies in the log. `offset` is its place in the partition, from 0, without holes. */
export interface StoredRecord {
  readonly offset: number;
  readonly body: string;
}

/** Records for one partition. `expected` is the offset that the writer expects the first one at. */
export interface AppendRequest {
  readonly partition: number;
  readonly expected: number;
  readonly bodies: readonly string[];
}

/**
 * What is known about one partition of an append, never about a batch over several.
 *
 * - `accepted`: durable at exactly the expected offset. Only now may its writer act on it.
 * - `fenced`: refused, or acknowledged at another offset: somebody else has written. Read the gap.
 * - `unknown`: no usable answer. The records may be in the log, now or later. Read on before acting.
 */
export type AppendOutcome =
  | { readonly partition: number; readonly outcome: 'accepted'; readonly offset: number }
  | { readonly partition: number; readonly outcome: 'fenced'; readonly end: number }
  | { readonly partition: number; readonly outcome: 'unknown'; readonly error: Error };

/** Offsets of a partition: `start` is the first one still there, `end` the next one to be written. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

export interface ReadLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
}

/**
 * An event log. Implementations pass the contract suite in `./testing`.
 *
 * Guarantees: per partition a total order without holes; a record is there whole or not at all; the
 * records of one request stand next to each other, in order; what was answered `accepted` is read back
 * by every later reader until it is archived; readers may run beside the writer and start anywhere.
 */
export interface Log {
  readonly partitions: number;
  /** The largest record body taken, in UTF-8 bytes. A larger one: `LogError` with `log/record-too-large`, and nothing is written. */
  readonly recordBytesMax: number;
  /** One request per partition at most. Throws only for misuse; every fault of the medium is an outcome. */
  append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]>;
  /**
   * Records from `from` on, in order, up to the limits (at least one, if there is any). Empty at the end.
   * Throws `LogError` `log/truncated` if `from` lies outside the extent, `log/corrupt` at a damaged record.
   */
  read(partition: number, from: number, limits: ReadLimits): Promise<readonly StoredRecord[]>;
  extent(partition: number): Promise<Extent>;
  /** Calls back after records may have been added to a partition; the callee reads. Returns the way to stop. */
  onAppended(listener: (partition: number) => void): () => void;
  close(): Promise<void>;
}

/** The topic of commands, partition by partition beside the log's. Order per partition, deleted by its owner only. */
export interface Inbox {
  /** Names this very inbox; a position refers to it, so that a replaced inbox is noticed. */
  readonly id: string;
  readonly partitions: number;
  readonly recordBytesMax: number;
  /** Resolves with the offset once the record is durable. */
  produce(partition: number, body: string): Promise<number>;
  read(partition: number, from: number, limits: ReadLimits): Promise<readonly StoredRecord[]>;
  extent(partition: number): Promise<Extent>;
  onAppended(listener: (partition: number) => void): () => void;
  /** Deletes below `offset`. Called with positions of accepted appends only. */
  trimBelow(partition: number, offset: number): Promise<void>;
  /** Keeps a record that could not be taken, with the reason; the same offset twice is one dead letter. */
  bury(partition: number, record: StoredRecord, reason: string): Promise<void>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  close(): Promise<void>;
}

export interface DeadLetter {
  readonly partition: number;
  readonly offset: number;
  readonly body: string;
  readonly reason: string;
}

export type LogErrorCode =
  | 'log/truncated'
  | 'log/corrupt'
  | 'log/record-too-large'
  | 'log/full'
  | 'log/read-only'
  | 'log/locked'
  | 'log/closed'
  | 'log/misuse'
  | 'log/newer-version'
  | 'log/inbox-lost'
  | 'log/unavailable';

/** A fault of the log, or of how it was used. `where` names the place: partition, offset, file. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  readonly where: Readonly<Record<string, string | number>>;

  constructor(code: LogErrorCode, message: string, where: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.where = where;
  }
}
