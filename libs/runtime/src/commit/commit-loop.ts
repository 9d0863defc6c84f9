/**
 * The heart: one loop per process over all partitions that it owns. What comes in while a write is under way waits in
 * memory, and is decided and written together; one write is in flight; when it is durable, and only then, its answers
 * and tasks go out. No timer stands between a result and the next request: under load the writes grow by themselves.
 */
import { type AppendOutcome } from '@runledger/event-sourcing';
import { type EngineLimits, type EngineParts } from '../ports.ts';
import { type Partition } from '../partitions/partition.ts';
import { type RunLoader } from '../runs/run-loader.ts';
import { Batch } from './batch.ts';
import { type DecidedCommand, type Pending } from './pending.ts';

export interface CommitListener {
  /** The batch is in the log and counts. */
  accepted(batch: Batch, firstOffset: number): void;
  /** The partition's epoch is over; `commands` were to be written. Whoever listens puts back those that were not. */
  refused(partition: Partition, outcome: AppendOutcome, commands: readonly DecidedCommand[]): void;
  /** A command ended; called after the record that says so was accepted. */
  ended(pending: Pending): void;
}

export interface CommitStats {
  writes: number;
  records: number;
  events: number;
  bytes: number;
}

export class CommitLoop {
  readonly stats: CommitStats = { writes: 0, records: 0, events: 0, bytes: 0 };
  readonly #parts: EngineParts;
  readonly #limits: EngineLimits;
  readonly #loader: RunLoader;
  readonly #listener: CommitListener;
  readonly #queues = new Map<Partition, Pending[]>();
  #scheduled = false;
  #writing = false;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(parts: EngineParts, limits: EngineLimits, loader: RunLoader, listener: CommitListener) {
    this.#parts = parts;
    this.#limits = limits;
    this.#loader = loader;
    this.#listener = listener;
  }

  waiting(partition: Partition): number {
    return this.#queues.get(partition)?.length ?? 0;
  }

  push(partition: Partition, pending: Pending): void {
    const queue = this.#queues.get(partition);
    if (queue === undefined) this.#queues.set(partition, [pending]);
    else queue.push(pending);
    this.#schedule();
  }

  /** Puts commands back to the head of the queue, in their order. */
  putBack(partition: Partition, pendings: readonly Pending[]): void {
    this.#queues.set(partition, [...pendings, ...(this.#queues.get(partition) ?? [])]);
    this.#schedule();
  }

  /** Takes all that waits for a partition out of the queue. */
  drop(partition: Partition): readonly Pending[] {
    return this.#queues.get(partition)?.splice(0) ?? [];
  }

  /** To be called when a partition has been opened: what waited for it is taken up. */
  wake(): void {
    this.#schedule();
  }

  /** Resolves once nothing is being written and nothing waits for an open partition. */
  async drained(): Promise<void> {
    while (this.#writing || this.#scheduled) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  stop(): void {
    this.#stopped = true;
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing || this.#stopped) return;
    this.#scheduled = true;
    this.#parts.clock.soon(() => void this.#turn());
  }

  async #turn(): Promise<void> {
    this.#scheduled = false;
    this.#writing = true;
    try {
      await this.#write();
    } catch (error) {
      this.#parts.report({ level: 'error', code: 'engine/defect', message: `The commit loop met a defect and goes on: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` });
    } finally {
      this.#writing = false;
      for (const [partition, queue] of this.#queues) if (queue.length > 0 && partition.state === 'open') this.#schedule();
      if (!this.#scheduled) this.#idle.splice(0).forEach((resolve) => resolve());
    }
  }

  async #write(): Promise<void> {
    const taken = new Map<Partition, Pending[]>();
    for (const [partition, queue] of this.#queues) if (partition.state === 'open' && queue.length > 0) taken.set(partition, queue.splice(0, this.#limits.commandsPerWriteMax));
    const loaded = await this.#loadMissing(taken);
    const batches: Batch[] = [];
    for (const [partition, pendings] of taken) batches.push(this.#decide(partition, pendings));
    for (const batch of batches) await this.#bury(batch);
    const writing = batches.filter((batch) => batch.drafts.length > 0);
    for (const batch of batches) if (batch.drafts.length === 0) this.#settle(batch);
    if (writing.length > 0) {
      const outcomes = await this.#parts.log.append(writing.map((batch) => ({ partition: batch.partition.number, expected: batch.partition.end, bodies: batch.drafts.map((draft) => draft.body) })));
      this.stats.writes++;
      for (const batch of writing) this.#conclude(batch, outcomes.find((outcome) => outcome.partition === batch.partition.number));
    }
    this.#letGo(loaded);
  }

  /**
   * Runs that are not in memory are fetched; a run that nobody knows will be found absent. Looks again after each fetch,
   * since a run may have been let go meanwhile: what is decided upon must be in memory without another wait.
   */
  async #loadMissing(taken: ReadonlyMap<Partition, readonly Pending[]>): Promise<readonly [Partition, string][]> {
    const loaded: [Partition, string][] = [];
    const absent = new Set<string>();
    for (let missing = missingRuns(taken, absent); missing.length > 0; missing = missingRuns(taken, absent)) {
      for (const [partition, runs] of missing) {
        const found = await this.#loader.load(partition.number, [...runs]);
        for (const live of found) {
          runs.delete(live.run);
          if (partition.live.has(live.run)) continue;
          partition.live.set(live.run, live);
          loaded.push([partition, live.run]);
        }
        for (const run of runs) absent.add(run);
      }
    }
    return loaded;
  }

  #decide(partition: Partition, pendings: readonly Pending[]): Batch {
    const batch = new Batch(this.#parts, partition);
    let k = 0;
    for (; k < pendings.length && batch.bytes < this.#limits.bytesPerWriteMax; k++) {
      const pending = pendings[k];
      if (pending !== undefined) batch.take(pending);
    }
    batch.close();
    if (k < pendings.length) this.#queues.set(partition, [...pendings.slice(k), ...(this.#queues.get(partition) ?? [])]);
    return batch;
  }

  /** Records that could not be read are kept aside before the log says that they have ended. */
  async #bury(batch: Batch): Promise<void> {
    for (const { pending } of batch.commands) {
      if (pending.envelope === undefined && pending.inbox !== undefined) await this.#parts.inbox.bury(batch.partition.number, pending.inbox.record, pending.inbox.unreadable ?? 'unreadable');
    }
  }

  #conclude(batch: Batch, outcome: AppendOutcome | undefined): void {
    const { partition } = batch;
    const known: AppendOutcome = outcome ?? { partition: partition.number, outcome: 'unknown', error: new Error('The log gave no answer for this partition.') };
    if (known.outcome !== 'accepted' || known.offset !== partition.end) {
      this.#listener.refused(partition, known, batch.commands);
      return;
    }
    partition.end += batch.drafts.length;
    partition.fence = { ...partition.fence, n: batch.n };
    partition.inbox.ended = batch.inboxEnded;
    partition.lastBody = batch.drafts.at(-1)?.body ?? '';
    partition.dirtyRecords += batch.drafts.length;
    this.stats.records += batch.drafts.length;
    this.stats.bytes += batch.bytes;
    batch.drafts.forEach((draft, k) => {
      const { live, state, head, transition } = draft;
      if (live === undefined || state === undefined || head === undefined || transition === undefined) return;
      live.accept(known.offset + k, state, head, transition.events);
      partition.live.set(live.run, live);
      partition.dirty.add(live.run);
      this.stats.events += transition.events.length;
    });
    this.#listener.accepted(batch, known.offset);
    this.#settle(batch);
  }

  #settle(batch: Batch): void {
    for (const { pending, outcome } of batch.commands) {
      pending.settle?.(outcome);
      this.#listener.ended(pending);
    }
  }

  /** What was fetched only to be told no does not stay. */
  #letGo(loaded: readonly [Partition, string][]): void {
    for (const [partition, run] of loaded) if (!partition.dirty.has(run) && partition.live.get(run)?.idle === true) partition.live.delete(run);
  }
}

function missingRuns(taken: ReadonlyMap<Partition, readonly Pending[]>, absent: ReadonlySet<string>): readonly [Partition, Set<string>][] {
  const missing: [Partition, Set<string>][] = [];
  for (const [partition, pendings] of taken) {
    let runs: Set<string> | undefined;
    for (const { envelope } of pendings) if (envelope !== undefined && !partition.live.has(envelope.run) && !absent.has(envelope.run)) (runs ??= new Set()).add(envelope.run);
    if (runs !== undefined) missing.push([partition, runs]);
  }
  return missing;
}
