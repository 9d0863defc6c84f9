/** Follows a run's events, message by message, as a browser or the SDK would. */
import { cloudEvent, EVENT_TYPE_PREFIX, type CloudEvent } from '@runledger/contracts';
import { expect } from 'vitest';
import { type ApiClient } from './api-client.ts';

export interface Message {
  readonly id: number;
  readonly event: CloudEvent;
}

export interface OpenedAt {
  /** As `Last-Event-ID`. */
  readonly last?: number;
  /** As `?after`. */
  readonly after?: number;
}

export class EventClient {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #abort: AbortController;
  readonly #decoder = new TextDecoder();
  readonly comments: string[] = [];
  #text = '';

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>, abort: AbortController) {
    this.#reader = reader;
    this.#abort = abort;
  }

  static async open(api: ApiClient, run: string, { last, after }: OpenedAt = {}): Promise<EventClient> {
    const abort = new AbortController();
    const response = await api.fetch('GET', `/v1/runs/${run}/events`, {
      signal: abort.signal,
      headers: { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': String(last) }) },
      ...(after === undefined ? {} : { query: { after } }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    if (response.body === null) throw new Error('A stream without a body.');
    return new EventClient(response.body.getReader(), abort);
  }

  /** The next event; undefined at the end of the stream. */
  async next(): Promise<Message | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end === -1) {
        const { done, value } = await this.#reader.read();
        if (done) return undefined;
        this.#text += this.#decoder.decode(value, { stream: true });
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      if (block.startsWith(':')) this.comments.push(block.slice(1).trim());
      else return messageIn(block);
    }
  }

  async rest(): Promise<readonly Message[]> {
    const messages: Message[] = [];
    for (let message = await this.next(); message !== undefined; message = await this.next()) messages.push(message);
    return messages;
  }

  /** Leaves as a client does whose network is gone. */
  leave(): void {
    this.#abort.abort();
  }
}

/** Exactly three lines: what the browser's EventSource and `id` need, and nothing else. */
function messageIn(block: string): Message {
  const match = /^id: (\d+)\nevent: (\S+)\ndata: (\{.*\})$/.exec(block);
  if (match === null) throw new Error(`No event of a run: ${block.slice(0, 200)}`);
  const [, id, type, data = ''] = match;
  const event = cloudEvent.parse(JSON.parse(data));
  expect(type).toBe(event.type);
  expect(type?.startsWith(EVENT_TYPE_PREFIX)).toBe(true);
  expect(Number(id)).toBe(event.sequence);
  return { id: event.sequence, event };
}
