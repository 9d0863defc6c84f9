/** One partition in its owner's hands: who is in force, how far the log and the inbox have come, and the runs in memory. */
import { type StoredRunEvent } from '@runledger/contracts';
import { BEGINNING, NO_WRITER, type Fence, type InboxPosition, type IndexedPosition, type Position } from '@runledger/event-sourcing';
import { LiveRun } from '../runs/live-run.ts';

/** `lost`: another writer is in force. `failed`: the log cannot be read or written; tried again by itself. */
export type PartitionState = 'closed' | 'opening' | 'open' | 'lost' | 'failed';

/** An accepted record, as those learn of it who follow the log inside this process. */
export interface AcceptedTransition {
  readonly partition: number;
  readonly offset: number;
  readonly run: string;
  readonly tenant: string;
  readonly time: number;
  readonly cause: string;
  readonly actor: string;
  readonly agent?: string | undefined;
  readonly trace?: string | undefined;
  readonly events: readonly StoredRunEvent[];
}

export class Partition {
  readonly number: number;
  state: PartitionState = 'closed';
  /** Why it is not open; for people. */
  detail: string | undefined;
  /** The id under which this process writes; new with every epoch. */
  writer = '';
  fence: Fence = NO_WRITER;
  /** Where the next record is expected. */
  end = 0;
  lastBody = '';
  readonly live = new Map<string, LiveRun>();
  /** Runs with accepted records that the index has not been told of. */
  readonly dirty = new Set<string>();
  dirtyRecords = 0;
  indexed: Position = BEGINNING;
  /** Commands of the inbox below `ended` have ended, and the log says so; those below `read` have been taken in. */
  readonly inbox = { id: '', ended: 0, read: 0, pumping: false, paused: false };

  constructor(number: number) {
    this.number = number;
  }

  get inboxPosition(): InboxPosition | undefined {
    return this.inbox.id === '' ? undefined : { id: this.inbox.id, offset: this.inbox.ended };
  }

  /** Where a reader stands that has read everything accepted so far. */
  positionWith(hash: (text: string) => string): IndexedPosition {
    const position: Position = this.end === 0 ? BEGINNING : { offset: this.end - 1, fence: this.fence, digest: this.lastBody === '' ? this.indexed.digest : hash(this.lastBody) };
    const inboxPosition = this.inboxPosition;
    return inboxPosition === undefined ? { position } : { position, inboxPosition };
  }
}
