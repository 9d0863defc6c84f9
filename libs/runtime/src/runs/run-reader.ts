/** What the owner can say of runs: their accepted state, their events, their content. */
import { partitionOf, type AssistantContent, type StoredRunEvent } from '@runledger/contracts';
import { type Run } from '@runledger/domain';
import { type Transition } from '@runledger/event-sourcing';
import { type Partition } from '../partitions/partition.ts';
import { type ContentReader } from './content-reader.ts';
import { type LiveRun } from './live-run.ts';
import { type LoadedRecord, type RunLoader } from './run-loader.ts';

export interface FoundRun {
  readonly run: string;
  readonly tenant: string;
  readonly state: Run;
}

export interface RunEventRecord {
  readonly offset: number;
  readonly transition: Transition<StoredRunEvent>;
}

export class RunReader {
  readonly #partitions: readonly Partition[];
  readonly #loader: RunLoader;
  readonly #contents: ContentReader;

  constructor(partitions: readonly Partition[], loader: RunLoader, contents: ContentReader) {
    this.#partitions = partitions;
    this.#loader = loader;
    this.#contents = contents;
  }

  /** The run as the log has it; undefined if there is none. */
  async find(run: string): Promise<FoundRun | undefined> {
    const live = await this.#find(run);
    return live === undefined || live.state.status === 'absent' ? undefined : { run, tenant: live.tenant, state: live.state };
  }

  async #find(run: string): Promise<LiveRun | undefined> {
    const partition = this.#partitionOf(run);
    if (partition === undefined) return undefined;
    const known = partition.live.get(run);
    if (known !== undefined) return known;
    const [loaded] = await this.#loader.load(partition.number, [run]);
    return partition.live.get(run) ?? loaded;
  }

  #partitionOf(run: string): Partition | undefined {
    const number = partitionOf(run);
    return number === undefined ? undefined : this.#partitions[number];
  }

  /** Records of the run that hold events after the sequence `after`, in order, at most `max`. */
  async records(run: string, after: number, max: number): Promise<readonly RunEventRecord[]> {
    const partition = this.#partitionOf(run);
    if (partition === undefined) return [];
    const live = partition.live.get(run);
    const unindexed = live === undefined ? [] : [...live.flushing, ...live.unindexed];
    const indexed = await this.#loader.records(partition.number, run, after, max);
    const known = new Set(indexed.map((record) => record.offset));
    const rest: readonly LoadedRecord[] = indexed.length >= max ? [] : await this.#loader.at(partition.number, run, unindexed.filter(({ offset }) => !known.has(offset)), after, max - indexed.length);
    return [...indexed, ...rest];
  }

  /** The run, and what it said last as text; `output` is undefined if it has said nothing yet. */
  async findWithOutput(run: string): Promise<(FoundRun & { readonly output: string | null | undefined }) | undefined> {
    const partition = this.#partitionOf(run);
    const live = await this.#find(run);
    if (partition === undefined || live === undefined || live.state.status === 'absent') return undefined;
    const { state, tenant } = live;
    if (state.answer === undefined) return { run, tenant, state, output: undefined };
    const { hash, from } = state.answer;
    const body = await this.#contents.bodyAlone(partition.number, live, hash);
    return { run, tenant, state, output: from === 'tool' ? (body as string) : (body as AssistantContent).text };
  }

  /** Brings runs into the owner's memory, to be changed; those that are not there after the next update of the index leave again. */
  async bringIn(partition: Partition, runs: readonly string[]): Promise<readonly LiveRun[]> {
    const missing = runs.filter((run) => !partition.live.has(run));
    const brought: LiveRun[] = [];
    for (const live of missing.length === 0 ? [] : await this.#loader.load(partition.number, missing)) {
      if (!partition.live.has(live.run)) {
        partition.live.set(live.run, live);
        partition.dirty.add(live.run);
      }
      const current = partition.live.get(live.run);
      if (current !== undefined) brought.push(current);
    }
    return brought;
  }
}
