/** Keeps the run index up with the partition, and lets runs go from memory that the index can bring back. */
import { isUnderWay, nextWakeAt, writeSnapshot } from '@runledger/domain';
import { type IndexedRun, type RunSegment } from '@runledger/event-sourcing';
import { type EngineLimits, type EngineParts } from '../ports.ts';
import { type LiveRun } from '../runs/live-run.ts';
import { type Partition } from './partition.ts';

export class IndexWriter {
  readonly #parts: EngineParts;
  readonly #limits: EngineLimits;
  readonly #forget: (live: LiveRun) => void;
  readonly #flushing = new Map<Partition, Promise<void>>();
  readonly #scheduled = new Set<Partition>();

  /** `forget` is told of every run that leaves memory. */
  constructor(parts: EngineParts, limits: EngineLimits, forget: (live: LiveRun) => void) {
    this.#forget = forget;
    this.#parts = parts;
    this.#limits = limits;
  }

  /** Arranges an update. Called after every accepted write, so it must cost nothing when one is arranged already. */
  touched(partition: Partition): void {
    if (partition.dirtyRecords >= this.#limits.indexEveryRecords) void this.flush(partition).catch((error: unknown) => this.#failed(partition, error));
    else if (!this.#scheduled.has(partition)) {
      this.#scheduled.add(partition);
      this.#parts.clock.after(this.#limits.indexEveryMs, () => {
        this.#scheduled.delete(partition);
        if (partition.state === 'open') this.flush(partition).catch((error: unknown) => this.#failed(partition, error));
      });
    }
  }

  #failed(partition: Partition, error: unknown): void {
    this.#parts.report({ level: 'warn', code: 'index/behind', message: `The run index of partition ${partition.number} could not be brought up to date: ${String(error)}. Nothing is lost; takeover will take longer.` });
  }

  /** Brings the index up to the accepted end. One update of a partition at a time. */
  async flush(partition: Partition): Promise<void> {
    for (let running = this.#flushing.get(partition); running !== undefined; running = this.#flushing.get(partition)) await running.catch(() => undefined);
    if (partition.dirtyRecords === 0) return;
    const flush = this.#flush(partition).finally(() => this.#flushing.delete(partition));
    this.#flushing.set(partition, flush);
    await flush;
  }

  async #flush(partition: Partition): Promise<void> {
    const { hash, index, inbox } = this.#parts;
    const touched = [...partition.dirty].map((run) => partition.live.get(run)).filter((live) => live !== undefined);
    const runs: IndexedRun[] = [];
    const segments: RunSegment[] = [];
    const taken = touched.map((live) => ({ live, state: live.state, places: live.unindexed, indexed: indexedRun(live, this.#limits) }));
    for (const { live, places, indexed } of taken) {
      runs.push(indexed);
      if (places.length > 0) segments.push({ run: live.run, offsets: places.map(({ offset }) => offset), lasts: places.map(({ last }) => last) });
      live.flushing = places;
      live.unindexed = [];
    }
    const to = partition.positionWith(hash);
    const from = partition.indexed;
    const { dirtyRecords } = partition;
    partition.dirty.clear();
    partition.dirtyRecords = 0;
    try {
      await index.update({ partition: partition.number, from, to, runs, segments });
    } catch (error) {
      partition.dirtyRecords += dirtyRecords;
      for (const { live, places } of taken) {
        live.flushing = [];
        live.unindexed = [...places, ...live.unindexed];
        partition.dirty.add(live.run);
      }
      await this.#rebase(partition);
      throw error;
    }
    partition.indexed = to.position;
    for (const { live, state, indexed } of taken) {
      live.flushing = [];
      if (indexed.snapshot !== undefined) live.snapshotSequence = indexed.snapshot.sequence;
      const unchanged = live.state === state && partition.live.get(live.run) === live;
      if (unchanged && live.idle && live.snapshotSequence === live.sequence) {
        partition.live.delete(live.run);
        this.#forget(live);
      }
    }
    if (to.inboxPosition !== undefined) await inbox.trimBelow(partition.number, to.inboxPosition.offset);
  }

  /** An owner that has lost may have moved the index after this one began: what it has told need not be told again. */
  async #rebase(partition: Partition): Promise<void> {
    const found = (await this.#parts.index.position(partition.number))?.position;
    if (found === undefined || found.offset <= partition.indexed.offset) return;
    partition.indexed = found;
    for (const live of partition.live.values()) live.unindexed = live.unindexed.filter(({ offset }) => offset > found.offset);
  }
}

/** A long run's snapshot is renewed more rarely the longer it is, so that the cost per event stays the same. */
function indexedRun(live: LiveRun, limits: EngineLimits): IndexedRun {
  const { run, tenant, state, head, sequence } = live;
  const underWay = state.status === 'active' && state.open.some(isUnderWay);
  const due = live.idle || sequence - live.snapshotSequence >= Math.max(limits.snapshotEveryEvents, live.snapshotSequence);
  const status = state.status === 'active' ? 'active' : state.status;
  return { run, tenant, sequence, head, status, wakeAt: nextWakeAt(state), underWay, snapshot: due ? { sequence, head, text: writeSnapshot(state) } : undefined };
}
