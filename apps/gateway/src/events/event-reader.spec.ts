import { describe, expect, it } from 'vitest';
import { type CloudEvent } from '@runledger/contracts';
import { eventPageText } from './event-page.ts';
import { EventReader } from './event-reader.ts';

/** A run whose events have these sizes; remembers what it was asked for. */
class Source {
  readonly asked: { after: number; max: number }[] = [];
  readonly #sizes: readonly number[];

  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
  }

  read = async (after: number, max: number): Promise<readonly CloudEvent[]> => {
    this.asked.push({ after, max });
    return this.#sizes.slice(after, after + max).map((size, k) => ({ type: 'runledger.run.X', sequence: after + k + 1, data: 'x'.repeat(size) }) as unknown as CloudEvent);
  };
}

async function all(reader: EventReader): Promise<number[]> {
  const sequences: number[] = [];
  for (let texts = await reader.next(); texts.length > 0; texts = await reader.next()) sequences.push(...texts.map(({ sequence }) => sequence));
  return sequences;
}

describe('reading events', () => {
  it('gives each once, in order, from where it is told', async () => {
    for (const after of [0, 1, 16, 999, 1_000, 2_000]) {
      const source = new Source(Array.from({ length: 1_000 }, () => 100));
      expect(await all(new EventReader(source.read, after))).toEqual(Array.from({ length: Math.max(0, 1_000 - after) }, (_, k) => after + k + 1));
    }
  });

  it('asks for more at once while events are small, and for few once they are large', async () => {
    const source = new Source([...Array.from({ length: 600 }, () => 100), ...Array.from({ length: 20 }, () => 1_000_000)]);
    await all(new EventReader(source.read, 0));
    expect(source.asked.slice(0, 4).map(({ max }) => max)).toEqual([16, 64, 64, 64]);
    expect(source.asked.at(-1)?.max).toBe(1);
  });

  it('never asks for more than it is told', async () => {
    const source = new Source([1, 1, 1, 1]);
    expect(await new EventReader(source.read, 0).next(3)).toHaveLength(3);
    expect(source.asked).toEqual([{ after: 0, max: 3 }]);
  });
});

describe('a page of events', () => {
  const page = async (sizes: readonly number[], limit: number, last: number | undefined) => JSON.parse(await eventPageText(new EventReader(new Source(sizes).read, 0), limit, last)) as { events: { sequence: number }[]; next?: number; final: boolean };

  it('is final once it reaches the last event', async () => {
    expect(await page([1, 1, 1], 3, 3)).toMatchObject({ final: true });
    expect(await page([1, 1, 1], 2, 3)).toMatchObject({ final: false, next: 2 });
    expect(await page([1, 1, 1], 3, undefined)).toMatchObject({ final: false, next: 3 });
    expect(await page([], 3, undefined)).toEqual({ events: [], final: false, next: 0 });
  });

  it('ends where it gets long, with one event at least', async () => {
    const { events, next } = await page(Array.from({ length: 50 }, () => 1_000_000), 50, 50);
    expect(events.length).toBeLessThan(25);
    expect(next).toBe(events.length);
    expect((await page([9_000_000, 9_000_000], 1, 2)).events).toHaveLength(1);
  });
});
