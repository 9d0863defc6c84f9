/**
 * Runs that were answered with 202 though their start had not been decided in time: durable, and not to be seen yet.
 * They are remembered until they are, so that nobody is told that there is no such run.
 */
import { type Submitted } from '@runledger/runtime';

export class UndecidedStarts {
  readonly #starts = new Map<string, { readonly tenant: string; readonly decided: Submitted['decided'] }>();

  add(tenant: string, { run, decided }: Submitted): void {
    const start = { tenant, decided };
    this.#starts.set(run, start);
    const forget = (): void => {
      if (this.#starts.get(run) === start) this.#starts.delete(run);
    };
    decided.then(forget, forget);
  }

  of(tenant: string, run: string): Submitted['decided'] | undefined {
    const start = this.#starts.get(run);
    return start?.tenant === tenant ? start.decided : undefined;
  }
}
