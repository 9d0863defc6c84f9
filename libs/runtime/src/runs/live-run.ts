/** A run in the owner's memory: accepted state only, and what the run index has not been told yet. */
import { type StoredRunEvent } from '@runledger/contracts';
import { ABSENT, isUnderWay, type Run } from '@runledger/domain';
import { CHAIN_START } from '@runledger/event-sourcing';

/** What is known of a run's place in the log before its state is touched. */
export interface RunPlace {
  readonly run: string;
  readonly tenant: string;
  readonly state: Run;
  /** Hash of its last event: what the next one is chained to. */
  readonly head: string;
  readonly snapshotSequence: number;
}

/** Where a record lies, and the sequence of its last event. */
export interface RecordPlace {
  readonly offset: number;
  readonly last: number;
}

export class LiveRun {
  readonly run: string;
  readonly tenant: string;
  state: Run;
  head: string;
  /** Content bodies by hash, as far as they have come by; the rest is in the log. */
  readonly contents = new Map<string, unknown>();
  /** Event up to which the index holds a snapshot. */
  snapshotSequence: number;
  /** Records since the last update of the index. */
  unindexed: RecordPlace[] = [];
  /** Records that the index is being told of. */
  flushing: readonly RecordPlace[] = [];
  /** For which time a wake-up has been arranged. */
  wakeAt = Infinity;

  constructor(place: RunPlace) {
    this.run = place.run;
    this.tenant = place.tenant;
    this.state = place.state;
    this.head = place.head;
    this.snapshotSequence = place.snapshotSequence;
  }

  static fresh(run: string, tenant: string): LiveRun {
    return new LiveRun({ run, tenant, state: ABSENT, head: CHAIN_START, snapshotSequence: 0 });
  }

  get sequence(): number {
    return this.state.status === 'absent' ? 0 : this.state.sequence;
  }

  /** Takes over an accepted record. `events` are what the state has been folded with. */
  accept(offset: number, state: Run, head: string, events: readonly Pick<StoredRunEvent, 'data'>[]): void {
    this.state = state;
    this.unindexed.push({ offset, last: this.sequence });
    this.head = head;
    for (const event of events) this.remember(event.data);
  }

  /** Keeps the content bodies of an event. */
  remember(data: unknown): void {
    for (const content of contentsIn(data)) if (content.body !== undefined) this.contents.set(content.hash, content.body);
  }

  /** Nothing is under way, so nothing but a command or a timer can change it. */
  get idle(): boolean {
    return this.state.status !== 'active' || !this.state.open.some(isUnderWay);
  }
}

interface Content {
  readonly hash: string;
  readonly body?: unknown;
}

/** The contents that an event's data carries. They stand in known members, so nothing is searched. */
export function contentsIn(data: unknown): readonly Content[] {
  const { message, output, input, briefing, outcome } = data as Record<string, unknown>;
  const found: Content[] = [];
  for (const member of [message, output, input, briefing]) if (isContent(member)) found.push(member);
  if (typeof outcome === 'object' && outcome !== null && 'output' in outcome && isContent(outcome.output)) found.push(outcome.output);
  return found;
}

function isContent(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && 'hash' in value;
}
