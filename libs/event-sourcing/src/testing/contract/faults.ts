/**
 * What stays true of a log while its network and its broker misbehave: what was answered `accepted` is
 * at that offset for ever, what was not may be there or not, and no request is torn.
 */
import { describe, expect, it } from 'vitest';
import type { AppendOutcome, Log } from '../../log.ts';
import { seededRandom } from '../random.ts';
import { readAll, texts } from './harness.ts';

export interface FaultyContractLog {
  readonly log: Log;
  /** How often each fault has happened so far. */
  faults(): Readonly<Record<string, number>>;
  /** Lets everything that is still under way arrive. */
  settle(): Promise<void>;
  destroy(): Promise<void>;
}

const APPENDS = 400;
const SEEDS = [1, 2, 3, 4, 5];

interface Sent {
  readonly partition: number;
  readonly bodies: readonly string[];
  readonly outcome: AppendOutcome;
}

/** `kinds` names the faults that must have happened over all seeds, lest the suite prove nothing. */
export function describeLogUnderFaults(name: string, open: (seed: number) => Promise<FaultyContractLog>, kinds: readonly string[]): void {
  describe(`the log contract under faults: ${name}`, () => {
    const totals: Record<string, number> = {};

    it.each(SEEDS)('keeps what it accepted, where it accepted it, and tears no request (seed %i)', async (seed) => {
      const opened = await open(seed);
      try {
        const sent = await appendMany(opened.log, seed);
        checkAccepted(sent, await storedIn(opened.log));
        await opened.settle();
        const stored = await storedIn(opened.log);
        checkAccepted(sent, stored);
        checkUntorn(sent, stored);
        for (const [kind, count] of Object.entries(opened.faults())) totals[kind] = (totals[kind] ?? 0) + count;
        for (const { outcome } of sent) totals[outcome.outcome] = (totals[outcome.outcome] ?? 0) + 1;
      } finally {
        await opened.destroy();
      }
    });

    it('has seen every fault and every answer', () => {
      for (const kind of [...kinds, 'accepted', 'fenced', 'unknown']) expect(totals[kind] ?? 0, `how often "${kind}" happened`).toBeGreaterThan(0);
    });
  });
}

/** Appends to two partitions, now and then expecting an end that is out of date. */
async function appendMany(log: Log, seed: number): Promise<Sent[]> {
  const random = seededRandom(seed * 7_919);
  const sent: Sent[] = [];
  const expected = [0, 0];
  for (let k = 0; k < APPENDS; k += 1) {
    const requests = expected.map((offset, partition) => ({ partition, expected: offset, bodies: texts(random.integer(1, 5), `append ${k} to ${partition}, record`) }));
    const outcomes = await log.append(requests);
    for (const [partition, { bodies }] of requests.entries()) {
      const outcome = outcomes.find((answer) => answer.partition === partition);
      if (outcome === undefined) throw new Error(`Partition ${partition} of append ${k} was not answered.`);
      sent.push({ partition, bodies, outcome });
      if (outcome.outcome === 'accepted') expected[partition] = outcome.offset + bodies.length;
      else if (random.next() < 0.9) expected[partition] = (await log.extent(partition)).end;
    }
  }
  return sent;
}

async function storedIn(log: Log): Promise<string[][]> {
  return await Promise.all([0, 1].map(async (partition) => (await readAll(log, partition)).map(({ body }) => body)));
}

function checkAccepted(sent: readonly Sent[], stored: readonly (readonly string[])[]): void {
  for (const { partition, bodies, outcome } of sent) {
    if (outcome.outcome === 'accepted') expect(stored[partition]?.slice(outcome.offset, outcome.offset + bodies.length)).toEqual(bodies);
  }
}

/** Wherever the first record of a request stands, the others follow it; and none stands anywhere else. */
function checkUntorn(sent: readonly Sent[], stored: readonly (readonly string[])[]): void {
  for (const { partition, bodies } of sent) {
    const records = stored[partition] ?? [];
    const starts = records.flatMap((body, at) => (body === bodies[0] ? [at] : []));
    for (const at of starts) expect(records.slice(at, at + bodies.length)).toEqual(bodies);
    for (const body of bodies) expect(records.filter((record) => record === body)).toHaveLength(starts.length);
  }
}
