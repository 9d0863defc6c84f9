/**
 * The run index: where each run stands and where its records lie, since a log can be read by offset only.
 * A projection like any other: it may lag, never lie, and can be rebuilt from the log. It is what makes
 * takeover short and lets a parked run cost no memory.
 */
import type { InboxPosition } from './record.ts';
import type { Position } from './position.ts';

/** A run as of its event `sequence`, whose hash is `head`. */
export interface IndexedRun {
  readonly run: string;
  readonly tenant: string;
  readonly sequence: number;
  readonly head: string;
  readonly status: string;
  /** When the run has to be looked at though nothing comes in; ms since 1970. */
  readonly wakeAt?: number | undefined;
  /** Attempts are under way: after the death of the owner somebody has to see to them. */
  readonly underWay: boolean;
  readonly snapshot?: Snapshot | undefined;
}

/** State as text, as of the event `sequence`, whose hash is `head`. */
export interface Snapshot {
  readonly sequence: number;
  readonly head: string;
  readonly text: string;
}

/** Where records of a run lie: offsets in order, and the sequence with which each record ends. */
export interface RunSegment {
  readonly run: string;
  readonly offsets: readonly number[];
  readonly lasts: readonly number[];
}

export interface IndexedPosition {
  readonly position: Position;
  readonly inboxPosition?: InboxPosition | undefined;
}

export interface IndexUpdate {
  readonly partition: number;
  readonly from: Position;
  readonly to: IndexedPosition;
  /** A run without a snapshot keeps the one it has. An older state never replaces a newer one. */
  readonly runs: readonly IndexedRun[];
  readonly segments: readonly RunSegment[];
}

export interface RunIndex {
  position(partition: number): Promise<IndexedPosition | undefined>;
  /** All or nothing. Throws `LogError` `log/misuse` if the index has come to another position than `from`. */
  update(update: IndexUpdate): Promise<void>;
  load(runs: readonly string[]): Promise<ReadonlyMap<string, IndexedRun>>;
  /** The segments that hold events after `sequence`, in order. */
  segments(run: string, after: number): Promise<readonly RunSegment[]>;
  /** Runs of a partition to be woken up to `until`, earliest first, at most `max`. */
  due(partition: number, until: number, max: number): Promise<readonly string[]>;
  underWay(partition: number): Promise<readonly string[]>;
  /** Every run in the order of ids, page by page. */
  scan(after: string | undefined, max: number): Promise<readonly IndexedRun[]>;
  /** Forgets everything. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
