import { describe, expect, it } from 'vitest';
import { FAULTS, faultyLog, type Fault } from './faulty-log.ts';
import { describeLogContract, describeLogUnderFaults, type ContractLog } from './log-contract.ts';
import { MemoryStore } from './memory-log.ts';

function openOver(store: MemoryStore): ContractLog {
  const log = faultyLog({ seed: 1, store });
  return { log, reopen: async () => (await log.close(), openOver(store)), destroy: () => log.close() };
}

describeLogContract('like a broker, without faults', async () => openOver(new MemoryStore({ partitions: 2 })), { refusesUnexpected: false, inbox: false });

const rates = { 'lost-ack': 0.08, 'not-appended': 0.08, late: 0.08, doubled: 0.08, 'foreign-before': 0.08, deliver: 0.2 };

describeLogUnderFaults(
  'like a broker',
  async (seed) => {
    const log = faultyLog({ seed, partitions: 2, rates });
    return { log, faults: () => log.faults, settle: async () => void log.deliverLate(), destroy: () => log.close() };
  },
  [...FAULTS.filter((fault) => fault !== 'truncated'), 'partial', 'delivered'],
);

const LIMITS = { recordsMax: 100, bytesMax: 100_000 };

/** A log on which exactly one append, the second, meets the fault. */
function faultyOnce(fault: Fault) {
  return faultyLog({ seed: 1, script: (call) => (call === 1 ? fault : undefined) });
}

async function bodiesOf(log: ReturnType<typeof faultyOnce>): Promise<string[]> {
  return (await log.read(0, 0, LIMITS)).map(({ body }) => body);
}

describe('each fault, by a script', () => {
  it.each([
    ['lost-ack', 'unknown', ['first', 'second'], ['first', 'second']],
    ['not-appended', 'unknown', ['first'], ['first']],
    ['late', 'unknown', ['first'], ['first', 'second']],
    ['doubled', 'accepted', ['first', 'second'], ['first', 'second', 'second']],
  ] as const)('%s: answered %s', async (fault, outcome, before, after) => {
    const log = faultyOnce(fault);
    await log.append([{ partition: 0, expected: 0, bodies: ['first'] }]);
    expect(await log.append([{ partition: 0, expected: 1, bodies: ['second'] }])).toMatchObject([{ outcome }]);
    expect(await bodiesOf(log)).toEqual(before);
    expect(log.deliverLate()).toBe(after.length - before.length);
    expect(await bodiesOf(log)).toEqual(after);
    expect(log.faults[fault]).toBe(1);
  });

  it('foreign-before: acknowledged one further than expected, which is fenced', async () => {
    const log = faultyOnce('foreign-before');
    await log.append([{ partition: 0, expected: 0, bodies: ['first'] }]);
    expect(await log.append([{ partition: 0, expected: 1, bodies: ['second'] }])).toEqual([{ partition: 0, outcome: 'fenced', end: 3 }]);
    expect((await bodiesOf(log)).filter((_, k) => k !== 1)).toEqual(['first', 'second']);
  });

  it('truncated: records of the tail are gone, and the append lands below the expected offset', async () => {
    const log = faultyOnce('truncated');
    await log.append([{ partition: 0, expected: 0, bodies: ['1', '2', '3', '4', '5'] }]);
    const [outcome] = await log.append([{ partition: 0, expected: 5, bodies: ['second'] }]);
    expect(outcome).toMatchObject({ outcome: 'fenced' });
    const bodies = await bodiesOf(log);
    expect(bodies.length).toBeLessThan(6);
    expect(bodies.at(-1)).toBe('second');
  });
});

describe('what a test does by hand', () => {
  it('injects, truncates and delivers, and counts it', async () => {
    const log = faultyLog({ seed: 1, partitions: 2, script: () => 'late', waitingMax: 2 });
    for (const body of ['a', 'b', 'c']) await log.append([{ partition: 1, expected: 0, bodies: [body] }]);
    expect([log.waitingCount, log.faults.delivered]).toEqual([2, 1]);
    expect(log.inject(1, 'foreign')).toBe(1);
    log.truncate(1, 1);
    expect([log.deliverLate(1), log.waitingCount]).toEqual([1, 1]);
    expect((await log.read(1, 0, LIMITS)).map(({ body }) => body)).toEqual(['a', 'b']);
    expect(log.faults).toMatchObject({ late: 3, delivered: 2, injected: 1, truncated: 1 });
  });

  it('gives several clients one log, and closing one of them leaves the others', async () => {
    const log = faultyLog({ seed: 1 });
    const [a, b] = [log.connect(), log.connect()];
    await a.append([{ partition: 0, expected: 0, bodies: ['from a'] }]);
    await a.close();
    expect(await b.append([{ partition: 0, expected: 0, bodies: ['from b'] }])).toEqual([{ partition: 0, outcome: 'fenced', end: 2 }]);
  });

  it('repeats a run from its seed', async () => {
    const run = async (seed: number): Promise<unknown> => {
      const log = faultyLog({ seed, rates: { ...rates, truncated: 0.05 } });
      const outcomes = [];
      for (let k = 0; k < 100; k += 1) outcomes.push((await log.append([{ partition: 0, expected: k, bodies: [`${k}`] }]))[0]?.outcome);
      return [outcomes, log.faults, await log.read(0, 0, LIMITS)];
    };
    expect(await run(42)).toEqual(await run(42));
    expect(await run(42)).not.toEqual(await run(43));
  });

  it('refuses rates that add up to more than 1', () => {
    expect(() => faultyLog({ seed: 1, rates: { late: 0.6, doubled: 0.6 } })).toThrow('add up to 1.2');
  });
});
