/** SIGKILL of the process that does the work, with runs under way: how long until they are resumed, and what is done twice. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, type Target } from '../figures/figure.ts';
import { PartBuilder, type Part } from '../figures/results.ts';
import { quiet, watch, type Watched } from '../machine/interference.ts';
import type { Options } from '../options.ts';
import { startRestate } from '../peers/restate/restate.ts';
import { inScratch, settled, startPlatformProcess } from '../platform-child/platform-child.ts';
import type { Milestones } from '../platform-child/serve-platform.ts';
import { STEPS } from '../work/stubs.ts';

const STUB_MS = 20;
const LOOK_MS = 2;

/** What can be killed and started again. Times in ms since 1970. */
interface Victim {
  /** Starts so many runs; resolves with their ids. */
  begin(runs: number): Promise<readonly string[]>;
  kill(): Promise<void>;
  restart(): Promise<Partial<Milestones>>;
  /** Resolves with the time at which the last run ended. */
  ended(runs: readonly string[]): Promise<number>;
  stop(): Promise<void>;
}

interface Recovered {
  readonly marks: Partial<Milestones> & { readonly killedAt: number; readonly firstAt: number; readonly allAt: number };
  readonly beyondMs: number;
  readonly underWay: number;
  readonly executions: number;
  readonly doubled: number;
}

export async function measureRecovery(options: Options): Promise<readonly Part[]> {
  const parts = [await recoveries(options, 'Runledger', 'recovery', startVictim)];
  if (options.peers) parts.push(await recoveries(options, 'Restate (its worker is killed, its server goes on)', 'restate-recovery', startRestateVictim));
  return parts;
}

type StartVictim = (scratch: string, environment: Readonly<Record<string, string>>) => Promise<Victim>;

async function recoveries(options: Options, name: string, id: string, start: StartVictim): Promise<Part> {
  const runs = options.sizes.recoveredRuns;
  const part = new PartBuilder(`SIGKILL at half of the work: ${name}, ${runs} runs, stubs of ${STUB_MS} ms`);
  const repeats: Watched<Recovered>[] = [];
  for (let k = 0; k < options.repeats; k++) repeats.push(await inScratch(options, (scratch) => recover(scratch, runs, options.patienceSeconds, start)));
  const { kept, disturbed } = part.undisturbed('recovery', repeats);
  const add = (what: string, key: string, unit: string, of: (recovered: Recovered) => number, target?: Target): void => {
    const values = kept.map(({ value }) => of(value));
    if (!values.some(Number.isNaN)) part.add({ id: `${id}/${key}`, what, unit, values, disturbed, target: id === 'recovery' ? target : undefined });
  };
  const resumed = atMost(700, 300);
  add('process begun → its first line', 'boot', 'ms', ({ marks: { startedAt = NaN, firstLineAt = NaN } }) => firstLineAt - startedAt);
  add('first line → modules loaded, the engine can be made', 'load', 'ms', ({ marks: { firstLineAt = NaN, readyAt = NaN } }) => readyAt - firstLineAt);
  add('modules loaded → first append accepted (the claim)', 'first-append', 'ms', ({ marks: { readyAt = NaN, openAt = NaN } }) => openAt - readyAt, atMost(400, 150));
  add('modules loaded → first attempt handed out again', 'first-attempt', 'ms', ({ marks: { readyAt = NaN, firstAt } }) => firstAt - readyAt);
  add('modules loaded → all attempts handed out again', 'all-attempts', 'ms', ({ marks: { readyAt = NaN, allAt } }) => allAt - readyAt, resumed);
  add('SIGKILL → all attempts handed out again', 'from-kill', 'ms', ({ marks: { killedAt, allAt } }) => allAt - killedAt, resumed);
  add('SIGKILL → all runs ended, beyond the work that was left', 'beyond', 'ms', ({ beyondMs }) => beyondMs, resumed);
  add('attempts under way at the kill', 'under-way', '', ({ underWay }) => underWay);
  add(`stubs carried out twice, of ${runs * STEPS}`, 'doubled', '', ({ doubled }) => doubled, atMost(runs));
  add('stubs carried out twice beyond those under way', 'doubled-beyond', '', ({ doubled, underWay }) => Math.max(0, doubled - underWay), atMost(0));
  return part.end();
}

async function recover(scratch: string, runs: number, patienceSeconds: number, start: StartVictim): Promise<Watched<Recovered>> {
  const file = join(scratch, 'executions');
  writeFileSync(file, '');
  const victim = await start(scratch, { BENCH_STUB_MS: String(STUB_MS), BENCH_EXECUTIONS: file });
  try {
    await quiet(patienceSeconds);
    return await watch({}, async () => {
      const begun = await victim.begin(runs);
      while (executionsIn(file).length < (runs * STEPS) / 2) await sleep(LOOK_MS);
      await victim.kill();
      const killedAt = now();
      const before = executionsIn(file);
      const milestones = await victim.restart();
      const endedAt = await victim.ended(begun);
      return judge(begun, before, executionsIn(file), { ...milestones, killedAt }, endedAt);
    });
  } finally {
    await victim.stop();
  }
}

interface Execution {
  readonly run: string;
  readonly step: number;
  readonly at: number;
}

function executionsIn(file: string): readonly Execution[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [run = '', step, at] = line.split(' ');
    return { run, step: Number(step), at: Number(at) };
  });
}

/** A run that has begun its last step may have ended, so only those that were seen again count as resumed. */
function judge(runs: readonly string[], before: readonly Execution[], all: readonly Execution[], marks: Partial<Milestones> & { readonly killedAt: number }, endedAt: number): Recovered {
  const doneBefore = new Map(runs.map((run) => [run, 0]));
  for (const { run } of before) doneBefore.set(run, (doneBefore.get(run) ?? 0) + 1);
  const firstAgain = new Map<string, number>();
  for (const { run, at } of all.slice(before.length)) if (!firstAgain.has(run)) firstAgain.set(run, at);
  const idealMs = Math.max(...[...doneBefore.values()].map((done) => (STEPS - done) * STUB_MS));
  return {
    marks: { ...marks, firstAt: Math.min(...firstAgain.values()), allAt: Math.max(...firstAgain.values()) },
    beyondMs: endedAt - marks.killedAt - idealMs, underWay: firstAgain.size, executions: all.length,
    doubled: all.length - new Set(all.map(({ run, step }) => `${run} ${step}`)).size,
  };
}

async function startVictim(scratch: string, environment: Readonly<Record<string, string>>): Promise<Victim> {
  const data = join(scratch, 'data');
  mkdirSync(data, { mode: 0o755 });
  let platform = await startPlatformProcess(data, { environment });
  await settled(platform);
  return {
    begin: (runs) => platform.ask('begin', runs),
    kill: () => platform.kill(),
    restart: async () => {
      platform = await startPlatformProcess(data, { environment });
      return platform.up;
    },
    ended: (runs) => platform.ask('ended', runs),
    stop: () => platform.stop(),
  };
}

async function startRestateVictim(scratch: string, environment: Readonly<Record<string, string>>): Promise<Victim> {
  const restate = await startRestate(scratch, [], environment);
  const client = await restate.startClient();
  let { worker } = restate;
  return {
    begin: (runs) => client.ask('begin', runs),
    kill: () => worker.kill(),
    restart: async () => {
      worker = await restate.startWorker(environment);
      return {};
    },
    ended: () => client.ask('ended', null),
    stop: async () => {
      await client.stop();
      await worker.stop();
      await restate.stop();
    },
  };
}

const now = (): number => performance.timeOrigin + performance.now();
