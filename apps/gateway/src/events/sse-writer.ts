/** Server-sent events over one connection, no faster than the client takes them. */
import { type ServerResponse } from 'node:http';
import { type EventText } from './event-reader.ts';

export interface SseWriterOptions {
  readonly heartbeatMs: number;
  readonly stalledMs: number;
  /** Aborted once nobody listens any more, or the stream has to end. */
  readonly over: AbortSignal;
}

export class SseWriter {
  readonly #response: ServerResponse;
  readonly #options: SseWriterOptions;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, options: SseWriterOptions) {
    this.#response = response;
    this.#options = options;
  }

  open(): void {
    // What breaks a connection also ends the stream, by `over`.
    this.#response.on('error', () => undefined);
    this.#response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    this.#response.flushHeaders();
    this.#heartbeat = setInterval(() => {
      if (!this.#response.writableNeedDrain && !this.#options.over.aborted) this.#response.write(': heartbeat\n\n');
    }, this.#options.heartbeatMs);
  }

  /** Resolves once more may be written; false if the stream is over. */
  async write(texts: readonly EventText[]): Promise<boolean> {
    for (const { sequence, type, json } of texts) {
      if (this.#options.over.aborted) return false;
      if (!this.#response.write(`id: ${sequence}\nevent: ${type}\ndata: ${json}\n\n`)) await this.#drained();
    }
    return !this.#options.over.aborted;
  }

  /** A client that takes nothing for too long is cut off: whatever waits for it stays in memory. */
  #drained(): Promise<void> {
    const { stalledMs, over } = this.#options;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(stalled);
        this.#response.off('drain', done);
        over.removeEventListener('abort', done);
        resolve();
      };
      const stalled = setTimeout(() => this.#response.destroy(), stalledMs);
      this.#response.on('drain', done);
      over.addEventListener('abort', done);
      if (over.aborted) done();
    });
  }

  close(): void {
    clearInterval(this.#heartbeat);
    if (!this.#response.destroyed) this.#response.end();
  }
}
