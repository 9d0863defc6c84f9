/** Reads a whole log as every reader must: judged by the fence, checked by the hash chain, folded into states. */
import { type RunEvent, type StoredRunEvent } from '@runledger/contracts';
import { ABSENT, evolveRun, type Run } from '@runledger/domain';
import { CHAIN_START, LogError, NO_WRITER, TRANSITION_SCHEMA, decodeRecord, judge, verifyTransition, type Fence, type Hash, type Log, type StoredRecord, type Transition } from '@runledger/event-sourcing';

export interface FoldedRun {
  readonly run: string;
  readonly tenant: string;
  state: Run;
  head: string;
  /** Offsets of its records, in order. */
  readonly offsets: number[];
}

export interface FoldCounts {
  records: number;
  ignored: number;
  events: number;
  runs: number;
}

export interface FoldOptions {
  /** With a hash, every event's place in its run's chain is recomputed. */
  readonly hash?: Hash;
  /** Called after each accepted transition. */
  readonly onTransition?: (folded: FoldedRun, stored: StoredRecord) => void;
  /** Called after each page of records; for progress. */
  readonly onPage?: (counts: Readonly<FoldCounts>) => void;
}

const READ_LIMITS = { recordsMax: 5_000, bytesMax: 8_000_000 };

/** Folds one partition from its beginning. Throws `LogError` `log/corrupt` naming the first place that is not sound. */
export async function foldPartition(log: Log, partition: number, options: FoldOptions = {}): Promise<{ readonly runs: ReadonlyMap<string, FoldedRun>; readonly counts: FoldCounts; readonly fence: Fence }> {
  const runs = new Map<string, FoldedRun>();
  const counts: FoldCounts = { records: 0, ignored: 0, events: 0, runs: 0 };
  let fence = NO_WRITER;
  let at = (await log.extent(partition)).start;
  for (;;) {
    const page = await log.read(partition, at, READ_LIMITS);
    if (page.length === 0) return { runs, counts, fence };
    for (const stored of page) {
      const record = decodeRecord<StoredRunEvent>(stored.body, { partition, offset: stored.offset });
      const verdict = judge(fence, record);
      counts.records++;
      if (!verdict.accepted) {
        counts.ignored++;
        continue;
      }
      fence = verdict.fence;
      if (record.schema !== TRANSITION_SCHEMA) continue;
      const folded = foldTransition(runs, record, stored, partition, options.hash);
      counts.events += record.events.length;
      counts.runs = runs.size;
      options.onTransition?.(folded, stored);
    }
    at = (page.at(-1)?.offset ?? at) + 1;
    options.onPage?.(counts);
  }
}

function foldTransition(runs: Map<string, FoldedRun>, record: Transition<StoredRunEvent>, stored: StoredRecord, partition: number, hash: Hash | undefined): FoldedRun {
  const { run, tenant, time, events } = record;
  const where = { partition, offset: stored.offset };
  let folded = runs.get(run);
  if (folded === undefined) runs.set(run, (folded = { run, tenant, state: ABSENT, head: CHAIN_START, offsets: [] }));
  let { state } = folded;
  let sequence = state.status === 'absent' ? 0 : state.sequence;
  if (tenant !== folded.tenant) throw new LogError('log/corrupt', `The record at partition ${partition}, offset ${stored.offset} gives run ${run} to tenant ${tenant}; it belongs to ${folded.tenant}.`, where);
  for (const event of events) {
    if (event.sequence !== ++sequence) throw new LogError('log/corrupt', `Run ${run} should go on with event ${sequence}, but the record at partition ${partition}, offset ${stored.offset} holds event ${event.sequence}.`, where);
    state = evolveRun(state, event as RunEvent, time);
  }
  folded.head = hash === undefined ? (events.at(-1)?.hash ?? folded.head) : verifyTransition(stored.body, folded.head, hash, where);
  folded.state = state;
  folded.offsets.push(stored.offset);
  return folded;
}
