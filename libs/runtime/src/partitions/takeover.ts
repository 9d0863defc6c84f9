/**
 * How a partition comes into its owner's hands: from the position of the run index, over the tail of the log, up to the
 * owner's own WriterStarted. Nothing is decided before that record has been seen to take effect.
 */
import { type RunEvent, type StoredRunEvent } from '@runledger/contracts';
import { evolveRun } from '@runledger/domain';
import {
  BEGINNING, INBOX_ADVANCED_SCHEMA, LogError, TRANSITION_SCHEMA, WRITER_STARTED_SCHEMA, confirmPosition, decodeRecord, encodeControl, judge, type InboxPosition, type LogRecord, type StoredRecord, type Transition,
} from '@runledger/event-sourcing';
import { type EngineParts } from '../ports.ts';
import { LiveRun } from '../runs/live-run.ts';
import { type RunLoader } from '../runs/run-loader.ts';
import { type IndexWriter } from './index-writer.ts';
import { type AcceptedTransition, type Partition } from './partition.ts';

const READ_LIMITS = { recordsMax: 5_000, bytesMax: 8_000_000 };
const CLAIMS_MAX = 20;
const TAIL_RECORDS_MAX = 50_000;

/** What a tail has shown beside the states: the causes of accepted records, and how many records did not count. */
export interface TailReport {
  readonly causes: Set<string>;
  /** Accepted records of writers of this very process, whose tasks have not gone out. */
  readonly own: { readonly live: LiveRun; readonly transition: AcceptedTransition }[];
  records: number;
  ignored: number;
}

export const newTailReport = (): TailReport => ({ causes: new Set(), own: [], records: 0, ignored: 0 });

export class Takeover {
  readonly #parts: EngineParts;
  readonly #loader: RunLoader;
  readonly #indexWriter: IndexWriter;
  readonly #ownWriters = new Set<string>();

  constructor(parts: EngineParts, loader: RunLoader, indexWriter: IndexWriter) {
    this.#parts = parts;
    this.#loader = loader;
    this.#indexWriter = indexWriter;
  }

  /** Begins where the index stands. Throws `LogError` `log/truncated` if the log is not the one that was indexed. */
  async begin(partition: Partition): Promise<void> {
    const { log, index, hash, inbox } = this.#parts;
    const indexed = await index.position(partition.number);
    const position = indexed?.position ?? BEGINNING;
    await confirmPosition(log, partition.number, position, hash);
    partition.writer = '';
    partition.live.clear();
    partition.dirty.clear();
    partition.dirtyRecords = 0;
    partition.indexed = position;
    partition.fence = position.fence;
    partition.end = position.offset + 1;
    partition.lastBody = '';
    partition.inbox.id = inbox.id;
    partition.inbox.ended = 0;
    if (indexed?.inboxPosition !== undefined) this.#endedUpTo(partition, indexed.inboxPosition);
  }

  /**
   * Claims the partition under a fresh id, and folds up to the claim. Returns what was found on the way. An owner that finds
   * another writer in force in place of itself has lost, and claims nothing: see `Partition.writer` and `fence.writer`.
   * Throws `LogError` `log/unavailable` if the log does not take the claim.
   */
  async claim(partition: Partition): Promise<TailReport> {
    const { log, newId, clock } = this.#parts;
    const report = newTailReport();
    for (let tries = 1; ; tries++) {
      await this.readTail(partition, report);
      if (this.#landedLate(partition)) return report;
      if (partition.writer !== '' && partition.fence.writer !== partition.writer) return report;
      const writer = newId();
      this.#ownWriters.add(writer);
      const body = encodeControl({ schema: WRITER_STARTED_SCHEMA, writer, follows: partition.fence.writer, time: clock.now() });
      const [outcome] = await log.append([{ partition: partition.number, expected: partition.end, bodies: [body] }]);
      await this.readTail(partition, report);
      if (partition.fence.writer === writer) {
        partition.writer = writer;
        return report;
      }
      if (tries >= CLAIMS_MAX || outcome?.outcome === 'unknown') {
        const cause = outcome?.outcome === 'unknown' ? outcome.error : undefined;
        if (cause instanceof LogError) throw cause;
        throw new LogError('log/unavailable', `Partition ${partition.number} could not be claimed after ${tries} tries${cause === undefined ? '' : `: ${cause.message}`}.`, { partition: partition.number }, { cause });
      }
    }
  }

  /** A claim of this process that had gone unanswered has taken effect meanwhile. Nothing was written under it yet. */
  #landedLate(partition: Partition): boolean {
    const { writer } = partition.fence;
    if (writer === null || writer === partition.writer || !this.#ownWriters.has(writer)) return false;
    partition.writer = writer;
    return true;
  }

  /** Folds everything up to the end of the log. */
  async readTail(partition: Partition, report: TailReport): Promise<void> {
    for (;;) {
      const page = await this.#parts.log.read(partition.number, partition.end, READ_LIMITS);
      if (page.length === 0) return;
      await this.#foldPage(partition, page, report);
      // A long tail must not be held in memory whole; a short one is indexed once the partition is served.
      if (partition.dirtyRecords >= TAIL_RECORDS_MAX) await this.#indexWriter.flush(partition);
    }
  }

  async #foldPage(partition: Partition, page: readonly StoredRecord[], report: TailReport): Promise<void> {
    const decoded = page.map((stored) => ({ stored, record: decodeRecord<StoredRunEvent>(stored.body, { partition: partition.number, offset: stored.offset }) }));
    await this.#loadTouched(partition, decoded.map(({ record }) => record));
    for (const { stored, record } of decoded) {
      const verdict = judge(partition.fence, record);
      report.records++;
      if (verdict.accepted) {
        partition.fence = verdict.fence;
        if (record.schema === TRANSITION_SCHEMA) this.#fold(partition, stored, record, report);
        else if (record.schema === INBOX_ADVANCED_SCHEMA) this.#endedUpTo(partition, record.inboxPosition);
      } else report.ignored++;
      partition.end = stored.offset + 1;
      partition.lastBody = stored.body;
      partition.dirtyRecords++;
    }
  }

  async #loadTouched(partition: Partition, records: readonly LogRecord<StoredRunEvent>[]): Promise<void> {
    const missing = new Set<string>();
    for (const record of records) if (record.schema === TRANSITION_SCHEMA && record.events[0]?.sequence !== 1 && !partition.live.has(record.run)) missing.add(record.run);
    if (missing.size === 0) return;
    for (const run of await this.#loader.load(partition.number, [...missing])) partition.live.set(run.run, run);
  }

  #fold(partition: Partition, stored: StoredRecord, record: Transition<StoredRunEvent>, report: TailReport): void {
    const { run, tenant, events, time, inboxPosition, cause } = record;
    const first = events[0]?.sequence ?? 0;
    let live = partition.live.get(run);
    if (live === undefined) partition.live.set(run, (live = LiveRun.fresh(run, tenant)));
    // An owner that has lost may still have brought the index further than where this takeover began to read.
    if (first <= live.sequence) {
      if (inboxPosition !== undefined) this.#endedUpTo(partition, inboxPosition);
      return;
    }
    if (first !== live.sequence + 1) throw new LogError('log/corrupt', `Run ${run} is at event ${live.sequence}, but the record at offset ${stored.offset} of partition ${partition.number} begins with event ${first}.`, { partition: partition.number, offset: stored.offset });
    let { state } = live;
    for (const event of events) state = evolveRun(state, event as RunEvent, time);
    live.accept(stored.offset, state, events.at(-1)?.hash ?? live.head, events);
    partition.dirty.add(run);
    report.causes.add(`${run} ${cause}`);
    if (this.#ownWriters.has(record.writer)) {
      const { actor, agent, trace } = record;
      report.own.push({ live, transition: { partition: partition.number, offset: stored.offset, run, tenant, time, cause, actor, agent, trace, events } });
    }
    if (inboxPosition !== undefined) this.#endedUpTo(partition, inboxPosition);
  }

  #endedUpTo(partition: Partition, position: InboxPosition): void {
    if (position.id !== partition.inbox.id) throw new LogError('log/inbox-lost', `The log of partition ${partition.number} refers to the inbox ${position.id}, but the inbox there is ${partition.inbox.id}: commands may be missing. Restore the inbox that belongs to this log.`, { partition: partition.number });
    partition.inbox.ended = Math.max(partition.inbox.ended, position.offset);
  }
}
