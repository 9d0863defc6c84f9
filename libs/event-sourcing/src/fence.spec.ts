import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_WRITER, judge, type Fence } from './fence.ts';
import { INBOX_ADVANCED_SCHEMA, TRANSITION_SCHEMA, WRITER_STARTED_SCHEMA, type LogRecord } from './record.ts';

const claims = (writer: string, follows: string | null): LogRecord => ({ schema: WRITER_STARTED_SCHEMA, writer, follows, time: 0 });
const writes = (writer: string, n: number): LogRecord => ({ schema: TRANSITION_SCHEMA, tenant: 'acme', run: 'run_0_x', writer, n, cause: 'c', actor: 'a', time: 0, events: [] });
const advances = (writer: string, n: number): LogRecord => ({ schema: INBOX_ADVANCED_SCHEMA, writer, n, inboxPosition: { id: 'i', offset: 0 }, time: 0 });

const inForce: Fence = { writer: 'b', n: 3, epoch: 2 };

describe('a record', () => {
  it.each<[string, Fence, LogRecord, Fence]>([
    ['the first claim', NO_WRITER, claims('a', null), { writer: 'a', n: 0, epoch: 1 }],
    ['a claim that follows the writer in force', inForce, claims('c', 'b'), { writer: 'c', n: 0, epoch: 3 }],
    ['the first record after a claim', { writer: 'a', n: 0, epoch: 1 }, writes('a', 1), { writer: 'a', n: 1, epoch: 1 }],
    ['the next transition', inForce, writes('b', 4), { writer: 'b', n: 4, epoch: 2 }],
    ['the next position of the inbox', inForce, advances('b', 4), { writer: 'b', n: 4, epoch: 2 }],
  ])('counts: %s', (_what, fence, record, next) => {
    expect(judge(fence, record)).toEqual({ accepted: true, fence: next });
  });

  it.each<[string, Fence, LogRecord, string]>([
    ['a claim that follows nobody, after another', inForce, claims('c', null), 'late-claim'],
    ['a claim that follows a writer who has lost', inForce, claims('c', 'a'), 'late-claim'],
    ['a claim that follows somebody, before anybody', NO_WRITER, claims('a', 'z'), 'late-claim'],
    ['the claim of the writer in force, once more', inForce, claims('b', 'a'), 'late-claim'],
    ['a claim that follows itself', inForce, claims('b', 'b'), 'late-claim'],
    ['a transition before anybody has claimed', NO_WRITER, writes('a', 1), 'stale-writer'],
    ['a transition of a writer who has lost', inForce, writes('a', 4), 'stale-writer'],
    ['an inbox position of a writer who has lost', inForce, advances('a', 4), 'stale-writer'],
    ['the same transition again', inForce, writes('b', 3), 'repeated'],
    ['an old transition again', inForce, writes('b', 1), 'repeated'],
    ['a transition after one that is missing', inForce, writes('b', 5), 'gap'],
    ['an inbox position after one that is missing', inForce, advances('b', 5), 'gap'],
  ])('does not count: %s', (_what, fence, record, reason) => {
    expect(judge(fence, record)).toEqual({ accepted: false, reason });
  });
});

describe('a log whose writers each claim once, with an id of their own', () => {
  const WRITERS = ['a', 'b', 'c', 'd', 'e'];
  const lateOrDoubled = fc
    .array(fc.option(fc.nat({ max: WRITERS.length - 1 }), { nil: null }), { minLength: WRITERS.length, maxLength: WRITERS.length })
    .chain((follows) => {
      const claimOf = (k: number): LogRecord => claims(WRITERS[k] ?? '', follows[k] === null || follows[k] === k ? null : (WRITERS[follows[k] ?? 0] ?? null));
      const record = fc.nat({ max: WRITERS.length - 1 }).chain((k) => fc.oneof(fc.constant(claimOf(k)), fc.integer({ min: 1, max: 4 }).map((n) => writes(WRITERS[k] ?? '', n))));
      return fc.array(record, { maxLength: 40 });
    });
  const effective = (log: readonly LogRecord[]): LogRecord[] => {
    let fence = NO_WRITER;
    return log.filter((record) => {
      const verdict = judge(fence, record);
      if (verdict.accepted) fence = verdict.fence;
      return verdict.accepted;
    });
  };

  it('puts no writer in force twice, however late or often a claim arrives', () => {
    fc.assert(fc.property(lateOrDoubled, (log) => {
      const started = effective(log).flatMap((record) => (record.schema === WRITER_STARTED_SCHEMA ? [record.writer] : []));
      expect(new Set(started).size).toBe(started.length);
    }), { seed: 1, numRuns: 1000 });
  });

  it('counts each record of a writer once, in order and without a gap', () => {
    fc.assert(fc.property(lateOrDoubled, (log) => {
      const counted = new Map<string, number[]>();
      for (const record of effective(log)) if (record.schema !== WRITER_STARTED_SCHEMA) counted.set(record.writer, [...(counted.get(record.writer) ?? []), record.n]);
      for (const ns of counted.values()) expect(ns).toEqual(ns.map((_n, k) => k + 1));
    }), { seed: 1, numRuns: 1000 });
  });

  it('is judged the same by every reader that knows where it begins', () => {
    fc.assert(fc.property(lateOrDoubled, fc.nat(), (log, cut) => {
      const all = effective(log);
      const head = effective(log.slice(0, cut % (log.length + 1)));
      expect(all.slice(0, head.length)).toEqual(head);
    }), { seed: 1, numRuns: 300 });
  });
});
