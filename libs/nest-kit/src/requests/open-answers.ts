/** Answers that take long: streams, and requests that wait. Each ends when its client leaves or the server closes. */
import { type ServerResponse } from 'node:http';

export class OpenAnswers {
  readonly #open = new Set<AbortController>();
  #closing = false;

  get size(): number {
    return this.#open.size;
  }

  /** Aborted once nobody waits for the answer any more, or no more waiting is allowed. Forgotten when the answer is over. */
  hold(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    if (this.#closing || response.destroyed || response.req.socket.destroyed) {
      controller.abort();
      return controller.signal;
    }
    this.#open.add(controller);
    response.once('close', () => {
      this.#open.delete(controller);
      controller.abort();
    });
    return controller.signal;
  }

  endAll(): void {
    this.#closing = true;
    for (const controller of this.#open) controller.abort();
  }
}
