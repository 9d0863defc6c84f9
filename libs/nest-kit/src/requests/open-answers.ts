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
    const { socket } = response.req;
    if (this.#closing || response.destroyed || socket.destroyed) {
      controller.abort();
      return controller.signal;
    }
    const over = (): void => {
      response.off('close', over);
      socket.off('close', over);
      this.#open.delete(controller);
      controller.abort();
    };
    this.#open.add(controller);
    // An answer that is queued behind others on its connection never learns that the connection has gone.
    response.on('close', over);
    socket.on('close', over);
    return controller.signal;
  }

  endAll(): void {
    this.#closing = true;
    for (const controller of this.#open) controller.abort();
  }
}
