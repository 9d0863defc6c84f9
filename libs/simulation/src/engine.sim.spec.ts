/** The engine under a broker's faults, crashes and zombies: what the log says in the end, checked from outside. */
import { describe, expect, it } from 'vitest';
import { foldPartition, sha256, verify } from '@runledger/runtime';
import { World, simulatedAgent, simulatedBriefing } from './index.ts';

const SEEDS = 120;
const RATES = { 'lost-ack': 0.04, 'not-appended': 0.04, late: 0.04, doubled: 0.05, 'foreign-before': 0.03, deliver: 0.3 };

interface Totals {
  crashes: number;
  zombies: number;
  lost: number;
  ignored: number;
  repeated: number;
  unknown: number;
  runs: number;
  reopened: number;
  faults: Record<string, number>;
}

async function live(seed: number, totals: Totals): Promise<void> {
  const world = new World({ seed, rates: RATES });
  let process = await world.start();
  const runs: string[] = [];
  for (let round = 0; round < 6; round++) {
    for (let k = 0; k < 4; k++) {
      const run = world.newRun();
      runs.push(run);
      await world.submit(process, run, { type: 'StartRun', agent: simulatedAgent, briefing: simulatedBriefing, input: `Input of ${run}` });
    }
    const older = runs[world.random.integer(0, runs.length)] ?? '';
    await world.submit(process, older, { type: 'ProvideInput', input: 'More.', inputId: `more-${round}` });
    if (world.random.next() < 0.2) await world.submit(process, runs[world.random.integer(0, runs.length)] ?? '', { type: 'CancelRun' });
    await world.until(() => world.random.next() < 0.01, 2_000);
    const fate = world.random.next();
    if (fate < 0.35) {
      world.crash(process);
      process = await world.start();
    } else if (fate < 0.55) {
      totals.zombies++;
      const zombie = process;
      process = await world.start();
      await world.until(() => world.random.next() < 0.02, 2_000);
      world.crash(zombie);
    }
    // A zombie that was still taking over may have been the last to claim; somebody has to own the partition after it.
    if (process.engine.status().some(({ state }) => state === 'lost')) {
      totals.lost++;
      world.crash(process);
      process = await world.start();
    }
  }
  const rests = (): boolean => process.engine.status().every(({ state, waiting }) => state === 'open' && waiting === 0);
  await world.until(() => false, 1_500_000);
  expect(rests(), `seed ${seed}: the engine rests: ${JSON.stringify([process.engine.status(), world.reports.slice(-6)])}`).toBe(true);
  await process.engine.flushIndex();
  await check(world, seed, runs, totals);
  world.crash(process);
}

async function check(world: World, seed: number, runs: readonly string[], totals: Totals): Promise<void> {
  const reader = world.log.connect();
  const states = new Map<string, string>();
  const inLog = new Map<string, number>();
  for (let partition = 0; partition < reader.partitions; partition++) {
    const folded = await foldPartition(reader, partition, { hash: sha256 });
    totals.ignored += folded.counts.ignored;
    for (const { run, state } of folded.runs.values()) {
      if (state.status === 'absent') continue;
      states.set(run, state.status);
      inLog.set(run, state.sequence);
      totals.repeated += state.counts.attempts - state.counts.steps;
      if (state.status === 'active') {
        const open = state.open.filter((step) => !(step.kind === 'tool' && (step.unknown || step.joins !== undefined)));
        expect(open, `seed ${seed}: run ${run} rests with nothing under way`).toEqual([]);
        totals.unknown += state.open.filter((step) => step.kind === 'tool' && step.unknown).length;
      }
    }
  }
  for (const { record, outcome } of world.answered) {
    if (outcome.outcome === 'applied') expect(inLog.get(record.run) ?? 0, `seed ${seed}: ${record.command.type} of ${record.run} was answered, and must be in the log`).toBeGreaterThanOrEqual(outcome.sequence);
  }
  for (const record of world.submitted) if (record.command.type === 'StartRun') expect(states.has(record.run), `seed ${seed}: ${record.run} was handed in durably`).toBe(true);
  for (const [step, times] of world.outside.once) expect(times, `seed ${seed}: the effect of ${step} happened ${times} times`).toBe(1);
  const report = await verify({ log: reader, index: world.index, hash: sha256 });
  expect(report.differences, `seed ${seed}`).toEqual([]);
  totals.runs += runs.length;
  totals.crashes += world.crashes;
  totals.reopened += world.reports.filter(({ code }) => code === 'epoch/ended').length;
  for (const [fault, count] of Object.entries(world.log.faults)) totals.faults[fault] = (totals.faults[fault] ?? 0) + count;
}

describe('the engine over a log with the faults of a broker', () => {
  it('loses nothing, answers nothing that does not count, and repeats no effect that may happen once', { timeout: 240_000 }, async () => {
    const totals: Totals = { crashes: 0, zombies: 0, lost: 0, ignored: 0, repeated: 0, unknown: 0, runs: 0, reopened: 0, faults: {} };
    const only = process.env.SEED;
    const seeds = only === undefined ? Array.from({ length: SEEDS }, (_, k) => k + 1) : [Number(only)];
    for (const seed of seeds) await live(seed, totals);
    console.log(`${seeds.length} seeds: ${JSON.stringify(totals)}`);
    if (only !== undefined) return;
    for (const kind of ['lost-ack', 'not-appended', 'late', 'doubled', 'foreign-before', 'delivered']) expect(totals.faults[kind], kind).toBeGreaterThan(0);
    for (const kind of ['crashes', 'zombies', 'ignored', 'repeated', 'unknown', 'reopened'] as const) expect(totals[kind], kind).toBeGreaterThan(0);
  });
});
