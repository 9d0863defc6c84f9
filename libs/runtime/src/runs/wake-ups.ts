/**
 * Timers of runs. They are part of a run's state, so nothing is kept here that could be lost: only when to look at which
 * run again. A run's deadline moves with every step, so a run is looked up when its earliest known time comes, and put
 * off if that time has moved meanwhile; a step costs no timer.
 */
import { nextWakeAt } from '@runledger/domain';
import { type Clock } from '../ports.ts';
import { type Partition } from '../partitions/partition.ts';
import { type LiveRun } from './live-run.ts';

const GRAIN_MS = 20;
/** Node's timers take no longer delay. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export class WakeUps {
  readonly #clock: Clock;
  readonly #due: (partition: Partition, live: LiveRun) => void;
  readonly #buckets = new Map<number, Map<LiveRun, Partition>>();
  #armedFor = Infinity;
  #disarm: (() => void) | undefined;

  constructor(clock: Clock, due: (partition: Partition, live: LiveRun) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** To be called whenever a run's state has changed. */
  consider(partition: Partition, live: LiveRun): void {
    const at = nextWakeAt(live.state);
    if (at === undefined || at >= live.wakeAt) return;
    live.wakeAt = at;
    const bucket = Math.ceil(at / GRAIN_MS);
    const runs = this.#buckets.get(bucket);
    if (runs === undefined) this.#buckets.set(bucket, new Map([[live, partition]]));
    else runs.set(live, partition);
    if (bucket < this.#armedFor) this.#arm(bucket);
  }

  #arm(bucket: number): void {
    this.#disarm?.();
    this.#armedFor = bucket;
    this.#disarm = this.#clock.after(Math.min(DELAY_MS_MAX, Math.max(0, bucket * GRAIN_MS - this.#clock.now())), () => this.#fire());
  }

  #fire(): void {
    const now = this.#clock.now();
    this.#armedFor = Infinity;
    for (const bucket of [...this.#buckets.keys()].filter((candidate) => candidate * GRAIN_MS <= now)) {
      const runs = this.#buckets.get(bucket);
      this.#buckets.delete(bucket);
      for (const [live, partition] of runs ?? []) {
        live.wakeAt = Infinity;
        if (partition.live.get(live.run) !== live) continue;
        const at = nextWakeAt(live.state);
        if (at !== undefined && at <= now) this.#due(partition, live);
        else this.consider(partition, live);
      }
    }
    if (this.#buckets.size > 0) this.#arm(Math.min(...this.#buckets.keys()));
  }

  /** The run leaves memory; the index knows when to bring it back. */
  forget(live: LiveRun): void {
    if (live.wakeAt === Infinity) return;
    const bucket = Math.ceil(live.wakeAt / GRAIN_MS);
    const runs = this.#buckets.get(bucket);
    runs?.delete(live);
    if (runs?.size === 0) this.#buckets.delete(bucket);
    live.wakeAt = Infinity;
  }

  stop(): void {
    this.#disarm?.();
    this.#buckets.clear();
  }
}
