/**
 * Reads a run's events on from a sequence, a chunk at a time. Records differ in size by a factor of ten thousand, so that
 * a chunk is measured and the next one asked for accordingly: a run is never held in memory whole.
 */
import { type CloudEvent } from '@runledger/contracts';

export interface EventText {
  readonly sequence: number;
  readonly type: string;
  /** The CloudEvent as JSON. */
  readonly json: string;
}

/** Events after a sequence, in order, at most `max`. */
export type ReadEvents = (after: number, max: number) => Promise<readonly CloudEvent[]>;

const FIRST_CHUNK_EVENTS = 16;
const CHUNK_EVENTS_MAX = 64;
const CHUNK_CHARACTERS = 256 * 1024;
const GROWTH_MAX = 4;

export class EventReader {
  readonly #read: ReadEvents;
  #after: number;
  #max = FIRST_CHUNK_EVENTS;

  constructor(read: ReadEvents, after: number) {
    this.#read = read;
    this.#after = after;
  }

  /** The sequence of the last event that was given. */
  get position(): number {
    return this.#after;
  }

  /** The next events, `max` at most; empty if there are none now. */
  async next(max = Infinity): Promise<readonly EventText[]> {
    const events = await this.#read(this.#after, Math.min(this.#max, max));
    const texts = events.map((event): EventText => ({ sequence: event.sequence, type: event.type, json: JSON.stringify(event) }));
    this.#after = texts.at(-1)?.sequence ?? this.#after;
    this.#measure(texts);
    return texts;
  }

  #measure(texts: readonly EventText[]): void {
    if (texts.length === 0) return;
    const characters = texts.reduce((sum, { json }) => sum + json.length, 0) / texts.length;
    this.#max = Math.max(1, Math.min(CHUNK_EVENTS_MAX, this.#max * GROWTH_MAX, Math.floor(CHUNK_CHARACTERS / characters)));
  }
}
