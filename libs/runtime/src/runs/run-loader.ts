/** Finds a run that is not in memory: its snapshot in the index, and the records after it in the log. */
import { type RunEvent, type StoredRunEvent } from '@runledger/contracts';
import { ABSENT, evolveRun, readSnapshot, type Run } from '@runledger/domain';
import { CHAIN_START, TRANSITION_SCHEMA, decodeRecord, verifyTransition, type Hash, type IndexedRun, type Log, type RunIndex, type StoredRecord, type Transition } from '@runledger/event-sourcing';
import { LiveRun, type RecordPlace } from './live-run.ts';

export interface LoadedRecord {
  readonly offset: number;
  readonly body: string;
  readonly transition: Transition<StoredRunEvent>;
}

/** Records of one run that lie at most this far apart are fetched in one read. */
const GAP_RECORDS_MAX = 16;
const READ_RECORDS_MAX = 2_000;
const READ_BYTES_MAX = 4_000_000;

export class RunLoader {
  readonly #log: Log;
  readonly #index: RunIndex;
  readonly #hash: Hash;

  constructor(log: Log, index: RunIndex, hash: Hash) {
    this.#log = log;
    this.#index = index;
    this.#hash = hash;
  }

  /** The runs that the index knows, as of the index. What stands after their snapshots is read in one sweep over the log. */
  async load(partition: number, runs: readonly string[]): Promise<readonly LiveRun[]> {
    const restored = new Map<string, LiveRun>();
    const offsets: number[] = [];
    for (const indexed of (await this.#index.load(runs)).values()) {
      const live = fromSnapshot(indexed);
      restored.set(live.run, live);
      if (live.snapshotSequence < indexed.sequence) offsets.push(...(await this.#places(live.run, live.snapshotSequence)).map(({ offset }) => offset));
    }
    for await (const record of this.#sweep(partition, offsets.sort((a, b) => a - b))) {
      const live = restored.get(record.transition.run);
      if (live === undefined) continue;
      live.head = verifyTransition(record.body, live.head, this.#hash, { partition, offset: record.offset });
      for (const event of record.transition.events) live.state = evolveRun(live.state, event as RunEvent, record.transition.time);
    }
    return [...restored.values()];
  }

  /** The run's indexed records that hold events after `after`, in order; at most `max` of them. */
  async records(partition: number, run: string, after: number, max = Infinity): Promise<readonly LoadedRecord[]> {
    return this.at(partition, run, await this.#places(run, after), after, max);
  }

  /** Where the indexed records lie that hold events after `after`. */
  async #places(run: string, after: number): Promise<readonly RecordPlace[]> {
    const segments = await this.#index.segments(run, after);
    return segments.flatMap(({ offsets, lasts }) => offsets.map((offset, k) => ({ offset, last: lasts[k] ?? 0 }))).filter(({ last }) => last > after);
  }

  /** The records of a run at these places that hold events after `after`, at most `max`. */
  async at(partition: number, run: string, places: readonly RecordPlace[], after: number, max = Infinity): Promise<readonly LoadedRecord[]> {
    const offsets = places.filter(({ last }) => last > after).slice(0, max === Infinity ? undefined : max).map(({ offset }) => offset);
    const records: LoadedRecord[] = [];
    for await (const record of this.#sweep(partition, offsets)) if (record.transition.run === run) records.push(record);
    return records;
  }

  /** The transitions at these ascending offsets; what lies close together is fetched in one read. */
  async *#sweep(partition: number, offsets: readonly number[]): AsyncGenerator<LoadedRecord, void, undefined> {
    for (let k = 0; k < offsets.length; ) {
      let last = k;
      while (last + 1 < offsets.length && (offsets[last + 1] ?? 0) - (offsets[last] ?? 0) <= GAP_RECORDS_MAX && last - k < READ_RECORDS_MAX) last++;
      const wanted = new Set(offsets.slice(k, last + 1));
      for (const stored of await this.#range(partition, offsets[k] ?? 0, offsets[last] ?? 0)) {
        if (!wanted.has(stored.offset)) continue;
        const record = decodeRecord<StoredRunEvent>(stored.body, { partition, offset: stored.offset });
        if (record.schema === TRANSITION_SCHEMA) yield { ...stored, transition: record };
      }
      k = last + 1;
    }
  }

  async #range(partition: number, from: number, to: number): Promise<readonly StoredRecord[]> {
    const records: StoredRecord[] = [];
    for (let at = from; at <= to; ) {
      const page = await this.#log.read(partition, at, { recordsMax: to - at + 1, bytesMax: READ_BYTES_MAX });
      if (page.length === 0) break;
      records.push(...page);
      at = (page.at(-1)?.offset ?? to) + 1;
    }
    return records;
  }
}

/** The run as its snapshot has it, or not begun where there is none that can be used. */
function fromSnapshot({ run, tenant, snapshot }: IndexedRun): LiveRun {
  const state: Run | undefined = snapshot === undefined ? undefined : readSnapshot(snapshot.text);
  if (snapshot === undefined || state === undefined) return new LiveRun({ run, tenant, state: ABSENT, head: CHAIN_START, snapshotSequence: 0 });
  return new LiveRun({ run, tenant, state, head: snapshot.head, snapshotSequence: snapshot.sequence });
}
