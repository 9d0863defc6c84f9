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

  /** The runs that the index knows, as of the index. */
  async load(partition: number, runs: readonly string[]): Promise<readonly LiveRun[]> {
    const found = await this.#index.load(runs);
    return Promise.all([...found.values()].map((indexed) => this.#restore(partition, indexed)));
  }

  async #restore(partition: number, indexed: IndexedRun): Promise<LiveRun> {
    const { run, tenant, snapshot } = indexed;
    const snapshotState = snapshot === undefined ? undefined : readSnapshot(snapshot.text);
    let state: Run = snapshotState ?? ABSENT;
    let head = snapshotState === undefined ? CHAIN_START : (snapshot?.head ?? CHAIN_START);
    const from = snapshotState === undefined ? 0 : (snapshot?.sequence ?? 0);
    for (const record of from < indexed.sequence ? await this.records(partition, run, from) : []) {
      head = verifyTransition(record.body, head, this.#hash, { partition, offset: record.offset });
      for (const event of record.transition.events) state = evolveRun(state, event as RunEvent, record.transition.time);
    }
    return new LiveRun({ run, tenant, state, head, snapshotSequence: from });
  }

  /** The run's indexed records that hold events after `after`, in order; at most `max` of them. */
  async records(partition: number, run: string, after: number, max = Infinity): Promise<readonly LoadedRecord[]> {
    const segments = await this.#index.segments(run, after);
    return this.at(partition, run, segments.flatMap(({ offsets, lasts }) => offsets.map((offset, k) => ({ offset, last: lasts[k] ?? 0 }))), after, max);
  }

  /** The records of a run at these places that hold events after `after`, at most `max`. */
  async at(partition: number, run: string, places: readonly RecordPlace[], after: number, max = Infinity): Promise<readonly LoadedRecord[]> {
    const offsets = places.filter(({ last }) => last > after).slice(0, max === Infinity ? undefined : max).map(({ offset }) => offset);
    const records: LoadedRecord[] = [];
    for (let k = 0; k < offsets.length; ) {
      let last = k;
      while (last + 1 < offsets.length && (offsets[last + 1] ?? 0) - (offsets[last] ?? 0) <= GAP_RECORDS_MAX && last - k < 256) last++;
      for (const stored of await this.#range(partition, offsets[k] ?? 0, offsets[last] ?? 0)) {
        const record = decodeRecord<StoredRunEvent>(stored.body, { partition, offset: stored.offset });
        if (record.schema !== TRANSITION_SCHEMA || record.run !== run || !offsets.includes(stored.offset, k)) continue;
        records.push({ ...stored, transition: record });
      }
      k = last + 1;
    }
    return records;
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
