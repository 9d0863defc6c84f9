/** What callers ask of a run's events: a page of them, or all of them as they come. */
import { type ServerResponse } from 'node:http';
import { FINAL_STATUSES } from '@runledger/contracts';
import { type RunService } from '@runledger/runtime';
import { type Caller } from '../api/caller.ts';
import { type GatewayLimits } from '../api/limits.ts';
import { type PerKey } from '../api/per-key.ts';
import { type RunLookup } from '../runs/run-lookup.ts';
import { eventPageText } from './event-page.ts';
import { EventReader, type ReadEvents } from './event-reader.ts';
import { streamEvents } from './event-stream.ts';
import { SseWriter } from './sse-writer.ts';

export interface EventRequestParts {
  readonly runs: RunService;
  readonly lookup: RunLookup;
  readonly streams: PerKey;
  readonly limits: GatewayLimits;
}

export class EventRequests {
  readonly #parts: EventRequestParts;

  constructor(parts: EventRequestParts) {
    this.#parts = parts;
  }

  /** The text of an `eventPage`. */
  async page(caller: Caller, reference: string, after: number, limit: number): Promise<string> {
    const { id, status, sequence } = await this.#parts.lookup.find(caller, reference);
    return eventPageText(new EventReader(this.#reading(caller, id), after), limit, FINAL_STATUSES.includes(status) ? sequence : undefined);
  }

  /** Resolves when the stream has ended. */
  async stream(caller: Caller, reference: string, after: number, response: ServerResponse): Promise<void> {
    const { runs, lookup, streams, limits } = this.#parts;
    const { id } = await lookup.find(caller, reference);
    const over = caller.gone;
    await streams.during(caller.key, async () => {
      const writer = new SseWriter(response, { ...limits, over });
      writer.open();
      try {
        await streamEvents({ read: this.#reading(caller, id), view: () => runs.view(caller.tenant, id), watch: () => runs.watch(id) }, after, writer, over);
      } finally {
        writer.close();
      }
    });
  }

  #reading({ tenant }: Caller, run: string): ReadEvents {
    return (after, max) => this.#parts.runs.events(tenant, run, after, max);
  }
}
