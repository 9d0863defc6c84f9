import type { RunView } from '@runledger/contracts';
import { BEGINNING } from '@runledger/event-sourcing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { idOf, positionAt, runNumber } from '../testing/run-view-samples.ts';
import { scratchPostgres, type Scratch } from '../testing/scratch-postgres.ts';
import { openRunViews, type RunViews } from './run-views.ts';

let scratch: Scratch;
let views: RunViews;

beforeAll(async () => {
  scratch = await scratchPostgres();
  views = openRunViews({ url: (await scratch.start(scratch.path('postgres'))).url });
  await views.opened();
});
afterAll(async () => {
  await views.close();
  await scratch.end();
});
beforeEach(() => views.reset());

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const idsOf = (runs: readonly RunView[]) => runs.map(({ id }) => id);
const fault = (code: string) => expect.objectContaining({ name: 'ViewError', code });

describe('advancing', () => {
  test('rows and position appear together', async () => {
    await views.advance(0, BEGINNING, positionAt(7), [runNumber(1)]);
    await views.advance(3, BEGINNING, positionAt(2), []);
    expect(await views.positions()).toEqual(new Map([[0, positionAt(7)], [3, positionAt(2)]]));
    expect(await views.get('acme', idOf(1))).toEqual(runNumber(1));
  });

  test('a run that changes is replaced by its newer version only', async () => {
    const newer = runNumber(1, { sequence: 5, status: 'completed', reason: 'answer', endedAt: '2026-11-22T00:00:00.000Z' });
    await views.advance(0, BEGINNING, positionAt(1), [runNumber(1, { sequence: 2 })]);
    await views.advance(0, positionAt(1), positionAt(2), [newer]);
    await views.advance(0, positionAt(2), positionAt(3), [runNumber(1, { sequence: 4 }), runNumber(1, { sequence: 5, status: 'failed' })]);
    expect(await views.get('acme', idOf(1))).toEqual(newer);
    expect(await views.count()).toBe(1);
  });

  test.each([
    ['from the beginning twice', BEGINNING],
    ['from a place already left', positionAt(1)],
    ['from the same offset of another log', positionAt(2, 'writer-2')],
    ['from a place not reached', positionAt(3)],
  ])('%s changes nothing', async (_, from) => {
    await views.advance(0, BEGINNING, positionAt(1), []);
    await views.advance(0, positionAt(1), positionAt(2), []);
    await expect(views.advance(0, from, positionAt(9), [runNumber(1)])).rejects.toEqual(fault('view/position-moved'));
    expect(await views.positions()).toEqual(new Map([[0, positionAt(2)]]));
    expect(await views.count()).toBe(0);
  });

  test('of two that advance at once one wins, and the other writes nothing', async () => {
    await views.advance(0, BEGINNING, positionAt(1), []);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((number) => views.advance(0, positionAt(1), positionAt(10 + number), [runNumber(number)])));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await views.count()).toBe(1);
  });

  test('more rows than fit into one statement are one step all the same', async () => {
    await views.advance(0, BEGINNING, positionAt(1), numbers(1, 2_500).map((number) => runNumber(number)));
    expect(await views.count()).toBe(2_500);
  });

  test('every character that a view may hold comes back', async () => {
    const odd = runNumber(1, { metadata: { nul: 'a\0b', half: '\ud800', quote: `"'\\{},\n\t`, words: 'Grüße 🙂' }, agent: { name: 'airline', version: 'v\0' } });
    await views.advance(0, BEGINNING, positionAt(1), [odd]);
    expect(await views.get('acme', odd.id)).toEqual(odd);
  });
});

describe('listing', () => {
  test('newest first, page by page, undisturbed by runs that start meanwhile', async () => {
    await views.advance(0, BEGINNING, positionAt(1), numbers(1, 10).map((number) => runNumber(number)));
    const first = await views.list('acme', { limit: 4 });
    await views.advance(0, positionAt(1), positionAt(2), numbers(11, 15).map((number) => runNumber(number)));
    const second = await views.list('acme', { limit: 4, cursor: first.next });
    const third = await views.list('acme', { limit: 4, cursor: second.next });
    expect(idsOf([...first.runs, ...second.runs, ...third.runs])).toEqual(numbers(1, 10).reverse().map((number) => idOf(number)));
    expect(third.next).toBeUndefined();
  });

  test('runs that started at the same moment stand on one page each', async () => {
    const startedAt = '2026-11-21T12:00:00.123Z';
    await views.advance(0, BEGINNING, positionAt(1), numbers(1, 7).map((number) => runNumber(number, { startedAt })));
    const seen: string[] = [];
    for (let cursor: string | undefined, page = 0; page < 4; page++) {
      const { runs, next } = await views.list('acme', { limit: 2, cursor });
      seen.push(...idsOf(runs));
      cursor = next;
    }
    expect(seen.toSorted()).toEqual(numbers(1, 7).map((number) => idOf(number)).toSorted());
  });

  test('a page that ends with the last run has no next', async () => {
    await views.advance(0, BEGINNING, positionAt(1), numbers(1, 4).map((number) => runNumber(number)));
    expect((await views.list('acme', { limit: 4 })).next).toBeUndefined();
  });

  test.each([
    ['status', { status: 'failed' as const }, [6, 3]],
    ['agent', { agent: 'hotel' }, [6, 4, 2]],
    ['both', { status: 'failed' as const, agent: 'hotel' }, [6]],
    ['the time of the start, exclusively', { startedAfter: runNumber(2).startedAt, startedBefore: runNumber(5).startedAt }, [4, 3]],
  ])('by %s', async (_, filter, expected) => {
    const runs = numbers(1, 6).map((number) => runNumber(number, { status: number % 3 === 0 ? 'failed' : 'running', agent: { name: number % 2 === 0 ? 'hotel' : 'airline', version: '1' } }));
    await views.advance(0, BEGINNING, positionAt(1), runs);
    expect(idsOf((await views.list('acme', { limit: 10, ...filter })).runs)).toEqual(expected.map((number) => idOf(number)));
  });

  test('a cursor that no page gave is refused', async () => {
    await expect(views.list('acme', { limit: 10, cursor: 'nonsense' })).rejects.toEqual(fault('view/bad-cursor'));
    expect(views.ready()).toBe(true);
  });

  test('a tenant finds its own runs only', async () => {
    await views.advance(0, BEGINNING, positionAt(1), [runNumber(1), runNumber(2, { tenant: 'globex' })]);
    expect(idsOf((await views.list('globex', { limit: 10 })).runs)).toEqual([idOf(2)]);
    expect(await views.get('globex', idOf(1))).toBeUndefined();
  });
});

describe('rebuilding', () => {
  const all = numbers(1, 50).map((number) => runNumber(number, { sequence: 3, tenant: number % 2 === 0 ? 'acme' : 'globex' }));

  test('the same rows give the same digest, in whatever steps they were written', async () => {
    await views.advance(0, BEGINNING, positionAt(1), all);
    const digest = await views.digest();
    await views.reset();
    expect([await views.count(), await views.positions()]).toEqual([0, new Map()]);
    await views.advance(0, BEGINNING, positionAt(1), all.slice(20).map((run) => ({ ...run, sequence: 2, status: 'waiting' as const })));
    await views.advance(0, positionAt(1), positionAt(2), all.toReversed());
    expect(await views.digest()).toBe(digest);
  });

  test('one value that differs gives another digest', async () => {
    await views.advance(0, BEGINNING, positionAt(1), all);
    const digest = await views.digest();
    await views.advance(0, positionAt(1), positionAt(2), [{ ...all[0]!, sequence: 4, steps: 2 }]);
    expect(await views.digest()).not.toBe(digest);
  });

  test('a scan meets every row of every tenant once', async () => {
    await views.advance(0, BEGINNING, positionAt(1), all);
    const seen: RunView[] = [];
    for (let page = await views.scan({ limit: 20 }); page.length > 0; page = await views.scan({ after: page.at(-1), limit: 20 })) seen.push(...page);
    expect(seen).toEqual(all.toSorted((a, b) => (a.tenant + a.id < b.tenant + b.id ? -1 : 1)));
  });
});
