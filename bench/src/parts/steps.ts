/** The step loop: how many durable steps, how fast, and at what cost; beside the bare log, the disk, and a peer. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sum } from '../figures/statistics.ts';
import { timeSyncs } from '../machine/disk-floor.ts';
import { quiet, watch } from '../machine/interference.ts';
import { PartBuilder, type Part } from '../figures/results.ts';
import { IN_FLIGHT, type Options } from '../options.ts';
import { startRestate } from '../peers/restate/restate.ts';
import { inScratch, settled, startPlatformProcess, type PlatformProcess } from '../platform-child/platform-child.ts';
import type { Loaded } from '../platform-child/runner.ts';
import { appendBare, bodiesOf } from './bare-log.ts';
import { overHttp, type Contestant, type LoadTimes, type Repeat } from './contestant.ts';
import { addBareFigures, addLoadFigures, addPlatformFigures, type BareRepeat } from './steps-figures.ts';
import { addCounted } from './steps-counted.ts';

export function measureSteps(options: Options): Promise<readonly Part[]> {
  return inScratch(options, async (scratch) => {
    const data = join(scratch, 'data');
    mkdirSync(data, { mode: 0o755 });
    const nodeOptions = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
    const platform = await startPlatformProcess(data, { nodeOptions });
    const restate = options.peers ? await startRestate(scratch, options.sizes.loads) : undefined;
    try {
      return await measure(options, { scratch, data, platform, peers: restate === undefined ? [] : [restate.contestant] });
    } finally {
      await restate?.stop();
      await platform.stop();
    }
  });
}

interface Scene {
  readonly scratch: string;
  readonly data: string;
  readonly platform: PlatformProcess;
  readonly peers: readonly Contestant[];
}

async function measure(options: Options, { scratch, data, platform, peers }: Scene): Promise<readonly Part[]> {
  const { sizes } = options;
  const postgres = await settled(platform);
  const direct: Contestant<Loaded> = {
    id: 'steps', name: 'started in the process', loads: sizes.loads, processes: { platform: () => [platform.pid], Postgres: postgres }, load: (load) => platform.ask('load', load),
  };
  const others = [overHttp(platform, postgres, sizes.overHttp), ...peers];
  const repeats: Repeat[] = [];
  const directRepeats: Repeat<Loaded>[] = [];
  const bare: BareRepeat[] = [];
  const syncs: (readonly number[])[] = [];
  for (const contestant of [direct, ...others]) await contestant.load({ runs: sizes.warmUp, inFlight: IN_FLIGHT });
  for (let k = 0; k < options.repeats; k++) {
    const measured = await repeatsOf(direct, options);
    directRepeats.push(...measured);
    const last = measured.at(-1)?.watched.value;
    if (last !== undefined) bare.push(await repeatBare(scratch, data, last, options));
    syncs.push(timeSyncs(scratch, sizes.syncs));
    for (const contestant of others) repeats.push(...(await repeatsOf(contestant, options)));
  }
  const loop = new PartBuilder(`Step loop: embedded log with fsync, ${IN_FLIGHT} runs in flight, started in the process as the gateway does`);
  addLoadFigures(loop, direct, directRepeats);
  const counted = await addCounted(loop, platform, options);
  const runs = sizes.warmUp + options.repeats * (sizes.alone + sum(sizes.loads) + sizes.alone + sizes.overHttp) + sizes.warmUp + counted;
  await platform.stop();
  addPlatformFigures(loop, directRepeats, { runs, logBytes: statSync(join(data, 'log.db')).size, indexBytes: statSync(join(data, 'index.db')).size });
  const beside = new PartBuilder('The same bytes in the bare log, one append per batch of the measured mean size; and the disk');
  addBareFigures(beside, directRepeats, bare, syncs);
  return [loop.end(), beside.end(), ...others.map((contestant) => partOf(contestant, repeats))];
}

function partOf(contestant: Contestant, repeats: readonly Repeat[]): Part {
  const part = new PartBuilder(contestant.id === 'http' ? 'The same over HTTP, every run started and waited for by the SDK’s client' : `${contestant.name}, the same work in the same harness`);
  addLoadFigures(part, contestant, repeats.filter((repeat) => repeat.contestant === contestant));
  return part.end();
}

async function repeatsOf<Says extends LoadTimes>(contestant: Contestant<Says>, { patienceSeconds, sizes }: Options): Promise<readonly Repeat<Says>[]> {
  await quiet(patienceSeconds);
  const repeats: Repeat<Says>[] = [];
  const loads = [{ runs: sizes.alone, inFlight: 1 }, ...contestant.loads.map((runs) => ({ runs, inFlight: IN_FLIGHT }))];
  for (const load of loads) repeats.push({ contestant, load, watched: await watch(contestant.processes, () => contestant.load(load)) });
  return repeats;
}

async function repeatBare(scratch: string, data: string, { from, to, commits, runMs }: Loaded, { patienceSeconds }: Options): Promise<BareRepeat> {
  const bodies = await bodiesOf(data, from, to);
  await quiet(patienceSeconds);
  const batchRecords = Math.round(commits.records / commits.writes);
  return { runs: runMs.length, batchRecords, records: bodies.length, watched: await watch({}, () => appendBare(scratch, bodies, batchRecords)) };
}

