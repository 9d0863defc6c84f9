import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventPage, type RunView } from '@runledger/contracts';
import { gatewayUnderTest, type UnderTest } from '../testing/gateway-under-test.ts';

describe('pages of events', () => {
  let under: UnderTest;
  let run: RunView;
  beforeAll(async () => {
    under = await gatewayUnderTest();
    run = await under.api.rested({ agent: 'caller', input: 'hello', metadata: { calls: 30 } });
  });
  afterAll(() => under.close());

  const page = async (id: string, query: Record<string, number>) => (await under.api.ask<EventPage>('GET', `/v1/runs/${id}/events`, { query })).body;
  const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, k) => from + k);

  it('hold every event in order, and say when no further one will come', async () => {
    const { events, final, next } = await page(run.id, { limit: 1000 });
    expect(events.map((event) => event.sequence)).toEqual(numbered(1, run.sequence));
    expect(run.sequence).toBeGreaterThan(100);
    expect([final, next]).toEqual([true, undefined]);
  });

  it('lead from one to the next, whatever their size', async () => {
    const whole = (await page(run.id, { limit: 1000 })).events;
    for (const limit of [1, 7, 64]) {
      const gathered: EventPage['events'] = [];
      for (let after: number | undefined = 0; after !== undefined; ) {
        const { events, next, final }: EventPage = await page(run.id, { after, limit });
        expect(events.length).toBeLessThanOrEqual(limit);
        gathered.push(...events);
        expect(final).toBe(next === undefined);
        after = next;
      }
      expect(gathered).toEqual(whole);
    }
  });

  it('are empty behind the end, and final only for a run that is', async () => {
    expect(await page(run.id, { after: run.sequence })).toEqual({ events: [], final: true });
    expect(await page(run.id, { after: 1_000_000 })).toEqual({ events: [], final: true });
    const waiting = await under.api.rested({ agent: 'talker', input: 'hello' });
    expect(await page(waiting.id, { after: waiting.sequence })).toEqual({ events: [], next: waiting.sequence, final: false });
  });

  it('are cut where they get long', async () => {
    const large = await under.api.rested({ agent: 'caller', input: 'hello', metadata: { calls: 12, bytes: 700_000 } });
    const { text, body } = await under.api.ask<EventPage>('GET', `/v1/runs/${large.id}/events`, { query: { limit: 1000 } });
    expect(text.length).toBeLessThan(6 * 1024 * 1024);
    expect(body.final).toBe(false);
    const rest = await page(large.id, { after: body.next ?? 0, limit: 1000 });
    expect([...body.events, ...rest.events].map((event) => event.sequence)).toEqual(numbered(1, body.events.length + rest.events.length));
  });
});
