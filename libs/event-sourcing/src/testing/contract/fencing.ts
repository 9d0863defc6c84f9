import { hash as digest } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { judge, NO_WRITER, type Fence } from '../../fence.ts';
import { CHAIN_START, type Hash } from '../../hash.ts';
import type { Log } from '../../log.ts';
import { BEGINNING, confirmPosition, type Position } from '../../position.ts';
import { decodeRecord, encodeControl, encodeTransition, WRITER_STARTED_SCHEMA } from '../../record.ts';
import { appendAtEnd, logErrorOf, only, readAll, withLog, type ContractLog, type LogCapabilities } from './harness.ts';

const hash: Hash = (text) => digest('sha256', text, 'base64url');

function claim(writer: string, follows: string | null): string {
  return encodeControl({ schema: WRITER_STARTED_SCHEMA, writer, follows, time: 0 });
}

function transition(writer: string, n: number): string {
  const header = { tenant: 'acme', run: 'run-1', writer, n, cause: `${writer}/${n}`, actor: 'test', time: 0 };
  return encodeTransition(header, [{ id: `${writer}/${n}`, sequence: n, type: 'RunResumed', version: 1, data: { writer, n } }], CHAIN_START, hash).body;
}

/** What one reader makes of a partition: which offsets count, why others do not, and its positions on the way. */
interface Folded {
  readonly accepted: readonly number[];
  readonly ignored: Readonly<Record<number, string>>;
  readonly positions: readonly Position[];
  readonly fence: Fence;
}

async function fold(log: Log, from: Position = BEGINNING, recordsMax = 1_000): Promise<Folded> {
  await confirmPosition(log, 0, from, hash);
  let fence = from.fence;
  const accepted: number[] = [];
  const ignored: Record<number, string> = {};
  const positions: Position[] = [from];
  for (const { offset, body } of await readAll(log, 0, from.offset + 1, { recordsMax, bytesMax: 100_000 })) {
    const verdict = judge(fence, decodeRecord(body, { partition: 0, offset }));
    if (verdict.accepted) {
      accepted.push(offset);
      fence = verdict.fence;
    } else {
      ignored[offset] = verdict.reason;
    }
    positions.push({ offset, fence, digest: hash(body) });
  }
  return { accepted, ignored, positions, fence };
}

/** Every reader, from every position and with every limit, must come to what the reader from the beginning found. */
async function foldByEveryReader(log: Log): Promise<Folded> {
  const whole = await fold(log);
  for (const position of whole.positions) {
    for (const recordsMax of [1, 3, 1_000]) {
      const part = await fold(log, position, recordsMax);
      expect(part.fence).toEqual(whole.fence);
      expect(part.accepted).toEqual(whole.accepted.filter((offset) => offset > position.offset));
    }
  }
  return whole;
}

export function describeFencing(open: () => Promise<ContractLog>, capabilities: LogCapabilities): void {
  describe('two writers over one partition', () => {
    it('never accepts what a writer appends after another has started, at the offset it expected', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, [claim('a', null), transition('a', 1)]);
        await appendAtEnd(log, 0, [claim('b', 'a')]);
        const outcome = only(await log.append([{ partition: 0, expected: 2, bodies: [transition('a', 2)] }]));
        expect(outcome.outcome).toBe('fenced');
        const { accepted, ignored } = await foldByEveryReader(log);
        expect(accepted).toEqual([0, 1, 2]);
        expect(ignored).toEqual(capabilities.refusesUnexpected ? {} : { 3: 'stale-writer' });
      }));

    it('keeps late records of a fenced writer, and every reader ignores them', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, [claim('a', null), transition('a', 1)]);
        await appendAtEnd(log, 0, [claim('b', 'a')]);
        await appendAtEnd(log, 0, [transition('a', 2), transition('a', 3)]);
        await appendAtEnd(log, 0, [transition('b', 1)]);
        await appendAtEnd(log, 0, [transition('a', 4)]);
        const { accepted, ignored, fence } = await foldByEveryReader(log);
        expect(accepted).toEqual([0, 1, 2, 5]);
        expect(ignored).toEqual({ 3: 'stale-writer', 4: 'stale-writer', 6: 'stale-writer' });
        expect(fence).toEqual({ writer: 'b', n: 1, epoch: 2 });
      }));

    it('ignores a claim that comes late or twice', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, [claim('a', null), claim('b', 'a'), transition('b', 1)]);
        await appendAtEnd(log, 0, [claim('a', null), claim('c', 'a'), claim('b', 'a'), transition('a', 1), transition('c', 1)]);
        await appendAtEnd(log, 0, [transition('b', 2)]);
        const { accepted, ignored } = await foldByEveryReader(log);
        expect(accepted).toEqual([0, 1, 2, 8]);
        expect(ignored).toEqual({ 3: 'late-claim', 4: 'late-claim', 5: 'late-claim', 6: 'stale-writer', 7: 'stale-writer' });
      }));

    it('ignores a record that comes twice, and one after a lost one', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, [claim('a', null), transition('a', 1), transition('a', 2)]);
        await appendAtEnd(log, 0, [transition('a', 1), transition('a', 2), transition('a', 4), transition('a', 3)]);
        const { accepted, ignored } = await foldByEveryReader(log);
        expect(accepted).toEqual([0, 1, 2, 6]);
        expect(ignored).toEqual({ 3: 'repeated', 4: 'repeated', 5: 'gap' });
      }));

    it('finds the same writers in force when it is opened again', () =>
      withLog(open, async (opened) => {
        await appendAtEnd(opened.log, 0, [claim('a', null), transition('a', 1), claim('b', 'a'), transition('a', 2)]);
        const before = await fold(opened.log);
        const again = await opened.reopen();
        expect(await foldByEveryReader(again.log)).toEqual(before);
        expect(before.fence).not.toEqual(NO_WRITER);
      }));

    it('stops a reader whose position names another record than the one it had read', () =>
      withLog(open, async ({ log }) => {
        await appendAtEnd(log, 0, [claim('a', null), transition('a', 1)]);
        const { positions } = await fold(log);
        const [last] = positions.slice(-1);
        if (last === undefined) throw new Error('unreachable');
        await logErrorOf(() => fold(log, { ...last, digest: hash('another record') }), 'log/truncated');
        await logErrorOf(() => fold(log, { ...last, offset: 7 }), 'log/truncated');
      }));
  });
}
