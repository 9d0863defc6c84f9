/** Counts what each API key holds open, so that one cannot take the place of all. */
import { ProblemError } from '@runledger/nest-kit';

export class PerKey {
  readonly #what: string;
  readonly #max: number;
  readonly #held = new Map<string, number>();

  constructor(what: string, max: number) {
    this.#what = what;
    this.#max = max;
  }

  /** While `work` goes on one more is held. Throws `platform/busy` if the key holds as many as it may. */
  async during<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const held = this.#held.get(key) ?? 0;
    if (held >= this.#max) throw new ProblemError('platform/busy', `This key has ${held} ${this.#what} open; it may have ${this.#max}. End some, then try again.`);
    this.#held.set(key, held + 1);
    try {
      return await work();
    } finally {
      this.#release(key);
    }
  }

  #release(key: string): void {
    const left = (this.#held.get(key) ?? 1) - 1;
    if (left === 0) this.#held.delete(key);
    else this.#held.set(key, left);
  }

  /** How many are held, by all keys together. */
  get total(): number {
    return [...this.#held.values()].reduce((sum, held) => sum + held, 0);
  }
}
