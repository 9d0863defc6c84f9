/** Time that passes only when told to: a seeded order for what is due at the same moment, and no waiting. */
import { type Clock } from '@runledger/runtime';
import { type Random } from '@runledger/event-sourcing/testing';

interface Scheduled {
  readonly at: number;
  readonly owner: OwnClock;
  readonly callback: () => void;
}

export class VirtualTime {
  now = 1_800_000_000_000;
  readonly #random: Random;
  #scheduled: Scheduled[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** A clock for one process; once it is dead, nothing of it runs any more. */
  clock(): OwnClock {
    return new OwnClock(this);
  }

  add(scheduled: Scheduled): () => void {
    this.#scheduled.push(scheduled);
    return () => {
      this.#scheduled = this.#scheduled.filter((other) => other !== scheduled);
    };
  }

  /** Lets one of the earliest callbacks run. False if there is none up to `until`. */
  step(until: number): boolean {
    this.#scheduled = this.#scheduled.filter(({ owner }) => !owner.dead);
    const earliest = Math.min(...this.#scheduled.map(({ at }) => at));
    if (earliest > until) return false;
    const due = this.#scheduled.filter(({ at }) => at === earliest);
    const next = due[this.#random.integer(0, due.length)];
    if (next === undefined) return false;
    this.#scheduled = this.#scheduled.filter((other) => other !== next);
    this.now = Math.max(this.now, earliest);
    next.callback();
    return true;
  }
}

export class OwnClock implements Clock {
  dead = false;
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  now(): number {
    return this.#time.now;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#time.add({ at: this.#time.now + delayMs, owner: this, callback });
  }

  soon(callback: () => void): void {
    this.#time.add({ at: this.#time.now, owner: this, callback });
  }
}

/** Lets everything run that waits for nothing but promises. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
