import { describe, expect, it } from 'vitest';
import { appendAtEnd, bodiesOf, logErrorOf, only, readAll, texts, withLog, type ContractLog, type LogCapabilities } from './harness.ts';

const CONCURRENT = 40;

export function describeAppending(open: () => Promise<ContractLog>, capabilities: LogCapabilities): void {
  describe('appending', () => {
    it('gives the records of a partition offsets from 0 without a gap, in the order of their appends', () =>
      withLog(open, async ({ log }) => {
        for (let k = 0; k < 20; k += 1) await appendAtEnd(log, 0, texts((k % 3) + 1, `append ${k}, record`));
        const records = await readAll(log, 0);
        expect(records.map(({ offset }) => offset)).toEqual(records.map((_, k) => k));
        expect(records.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, k) => texts((k % 3) + 1, `append ${k}, record`)).flat());
        expect(await log.extent(0)).toEqual({ start: 0, end: records.length });
      }));

    it('keeps the partitions apart, and answers each of them', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 1, texts(2, 'early'));
        const outcomes = await log.append([
          { partition: 1, expected: 2, bodies: ['one'] },
          { partition: 0, expected: 0, bodies: ['zero', 'zero again'] },
        ]);
        expect(outcomes).toEqual([
          { partition: 1, outcome: 'accepted', offset: 2 },
          { partition: 0, outcome: 'accepted', offset: 0 },
        ]);
        expect(await bodiesOf(log, 0)).toEqual(['zero', 'zero again']);
        expect(await bodiesOf(log, 1)).toEqual(['early 0', 'early 1', 'one']);
      }));

    it('accepts one partition of a call while another of the same call is fenced', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 1, ['first']);
        const outcomes = await log.append([
          { partition: 0, expected: 0, bodies: ['fits'] },
          { partition: 1, expected: 0, bodies: ['does not fit'] },
        ]);
        expect(outcomes[0]).toEqual({ partition: 0, outcome: 'accepted', offset: 0 });
        expect(outcomes[1]).toMatchObject({ partition: 1, outcome: 'fenced' });
        expect(await bodiesOf(log, 0)).toEqual(['fits']);
      }));

    it.each([0, 1, 4, 1_000_000])('never accepts an append that expects offset %i where the log ends at 3', (expected) =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, texts(3));
        const outcome = only(await log.append([{ partition: 0, expected, bodies: ['elsewhere'] }]));
        expect(outcome).toMatchObject({ outcome: 'fenced' });
        const { end } = await log.extent(0);
        if (outcome.outcome === 'fenced') expect(outcome.end).toBe(end);
        expect((await bodiesOf(log, 0)).slice(0, 3)).toEqual(texts(3));
        if (capabilities.refusesUnexpected) expect(end).toBe(3);
      }),
    );

    it('keeps the records of one request next to each other when many are appended at once', () =>
      withLog(open, async ({ log }) => {
        const appends = Array.from({ length: CONCURRENT }, (_, k) => texts(3, `request ${k}, record`));
        const outcomes = (await Promise.all(appends.map((bodies, k) => log.append([{ partition: 0, expected: k * 3, bodies }])))).map(only);
        const stored = await bodiesOf(log, 0);
        outcomes.forEach((outcome, k) => {
          const at = stored.indexOf(`request ${k}, record 0`);
          if (outcome.outcome === 'accepted') expect(at).toBe(outcome.offset);
          if (at >= 0) expect(stored.slice(at, at + 3)).toEqual(appends[k]);
        });
        expect(outcomes.filter(({ outcome }) => outcome === 'accepted').length).toBeGreaterThan(0);
      }));

    it('writes nothing in any partition when one record of the call is too large', () =>
      withLog(open, async ({ log }) => {
        const tooLarge = 'x'.repeat(log.recordBytesMax + 1);
        const call = [
          { partition: 0, expected: 0, bodies: ['small'] },
          { partition: 1, expected: 0, bodies: ['small', tooLarge] },
        ];
        const error = await logErrorOf(() => log.append(call), 'log/record-too-large');
        expect(error.where).toMatchObject({ partition: 1, bytes: log.recordBytesMax + 1 });
        expect([await bodiesOf(log, 0), await bodiesOf(log, 1)]).toEqual([[], []]);
      }));

    it('measures records in UTF-8 bytes', () =>
      withLog(open, async ({ log }) => {
        const twoBytesEach = 'é'.repeat(log.recordBytesMax / 2);
        await logErrorOf(() => log.append([{ partition: 0, expected: 0, bodies: [`${twoBytesEach}é`] }]), 'log/record-too-large');
        await appendAtEnd(log, 0, [twoBytesEach]);
        expect(await bodiesOf(log, 0)).toEqual([twoBytesEach]);
      }));

    it.each([
      ['the empty text', ''],
      ['line breaks', '{"a":[\n{"b":1}\n]}\r\n'],
      ['a zero byte', 'before\u0000after'],
      ['a byte order mark', '\ufeffmarked'],
      ['letters outside the basic plane', 'Grüße, 日本, 🛫👩‍✈️, \u{10ffff}'],
      ['the replacement character', '\ufffd'],
    ])('gives back %s exactly as it was appended', (_, body) =>
      withLog(open, async (opened) => {
        await appendAtEnd(opened.log, 0, [body, body, 'after']);
        const { log } = await opened.reopen();
        expect(await bodiesOf(log, 0)).toEqual([body, body, 'after']);
      }),
    );

    it('refuses half of a surrogate pair, which would not be read back as it was written', () =>
      withLog(open, async ({ log }) => {
        await logErrorOf(() => log.append([{ partition: 0, expected: 0, bodies: ['whole', '\ud83d'] }]), 'log/misuse');
        await appendAtEnd(log, 0, [JSON.stringify('\ud83d')]);
        expect(await bodiesOf(log, 0)).toEqual(['"\\ud83d"']);
      }));

    it('takes a record of the largest size', () =>
      withLog(open, async (opened) => {
        const largest = `${'0123456789abcde\n'.repeat(opened.log.recordBytesMax / 16 - 1)}the last 16 byte`;
        await appendAtEnd(opened.log, 0, ['before', largest, 'after']);
        const { log } = await opened.reopen();
        const bodies = await bodiesOf(log, 0);
        expect(bodies.map(({ length }) => length)).toEqual([6, log.recordBytesMax, 5]);
        expect(bodies[1] === largest).toBe(true);
      }));

    it.each([
      ['a partition that does not exist', [{ partition: 99, expected: 0, bodies: ['a'] }]],
      ['a partition that is no number of one', [{ partition: 0.5, expected: 0, bodies: ['a'] }]],
      ['one partition twice', [{ partition: 0, expected: 0, bodies: ['a'] }, { partition: 0, expected: 1, bodies: ['b'] }]],
      ['a negative offset', [{ partition: 0, expected: -1, bodies: ['a'] }]],
      ['an offset that is no integer', [{ partition: 0, expected: 0.5, bodies: ['a'] }]],
      ['no records', [{ partition: 0, expected: 0, bodies: [] }]],
    ])('refuses a call that names %s', (_, requests) =>
      withLog(open, async ({ log }) => {
        await logErrorOf(() => log.append(requests), 'log/misuse');
        expect(await log.extent(0)).toEqual({ start: 0, end: 0 });
      }),
    );

    it('answers a call without requests with no outcomes', () =>
      withLog(open, async ({ log }) => {
        expect(await log.append([])).toEqual([]);
      }));

    it('goes on after the last record when it is opened again', () =>
      withLog(open, async (opened) => {
        await appendAtEnd(opened.log, 0, texts(5, 'before'));
        const again = await opened.reopen();
        expect(await appendAtEnd(again.log, 0, ['after'])).toBe(5);
        expect(await bodiesOf(again.log, 0)).toEqual([...texts(5, 'before'), 'after']);
      }));
  });
}
