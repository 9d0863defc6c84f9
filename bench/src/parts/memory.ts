/** Memory of the platform's process, idle and with conversations that wait for their next input; without Postgres. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PartBuilder, type Part } from '../figures/results.ts';
import { numberText } from '../figures/table.ts';
import { memoryOf, type Memory } from '../machine/processes.ts';
import type { Options } from '../options.ts';
import { AIRLINE_AGENT, inScratch, settled, startPlatformProcess, type PlatformProcess } from '../platform-child/platform-child.ts';

const WARM_UP_RUNS = 100;
const KIB_PER_MIB = 1024;

export function measureMemory(options: Options): Promise<readonly Part[]> {
  return inScratch(options, async (scratch) => {
    const { parkedRuns } = options.sizes;
    const data = join(scratch, 'data');
    mkdirSync(data, { mode: 0o755 });
    const platform = await startPlatformProcess(data, { agent: AIRLINE_AGENT, environment: { AIRLINE_STATE: join(data, 'airline') }, nodeOptions: ['--expose-gc'] });
    try {
      await settled(platform);
      const part = new PartBuilder(`Memory of the platform's process, without Postgres; parked are airline conversations that wait for their second input`);
      const idle = await look(platform);
      add(part, 'idle', 'idle', idle);
      await platform.ask('park', WARM_UP_RUNS);
      const warm = await look(platform);
      add(part, 'warm', `idle after ${WARM_UP_RUNS} parked runs`, warm);
      const { waiting } = await platform.ask('park', parkedRuns);
      const parked = await look(platform);
      add(part, 'parked', `with ${numberText(waiting)} more parked runs`, parked);
      await platform.ask('park', parkedRuns);
      const twice = await look(platform);
      addGrowth(part, 'growth', `growth by ${numberText(waiting)} parked runs`, warm, parked, waiting);
      addGrowth(part, 'second-growth', `growth by ${numberText(waiting)} more, once the process has had its load`, parked, twice, waiting);
      part.note(`Runs in the owner's memory at the end: ${twice.runsInMemory}.`);
      return [part.end()];
    } finally {
      await platform.stop();
    }
  });
}

type Looked = Memory & { readonly heapMiB: number; readonly runsInMemory: number };

/** Once the index is up to date and garbage was collected as V8 does when memory is short: what it keeps for speed is not the runs'. */
async function look(platform: PlatformProcess): Promise<Looked> {
  const collected = await platform.ask('collect', null);
  return { ...collected, ...memoryOf(platform.pid) };
}

function add(part: PartBuilder, id: string, what: string, { rssMiB, pssMiB, heapMiB }: Looked): void {
  part.add({ id: `memory/${id}-rss`, what: `${what}: RSS`, unit: 'MiB', values: rssMiB });
  part.add({ id: `memory/${id}-pss`, what: `${what}: PSS`, unit: 'MiB', values: pssMiB });
  part.add({ id: `memory/${id}-heap`, what: `${what}: live in the heap`, unit: 'MiB', values: heapMiB });
}

function addGrowth(part: PartBuilder, id: string, what: string, before: Looked, after: Looked, runs: number): void {
  const mib = after.pssMiB - before.pssMiB;
  part.add({ id: `memory/${id}`, what: `${what}: PSS`, unit: 'MiB', values: mib });
  part.add({ id: `memory/${id}-heap`, what: `${what}: live in the heap`, unit: 'MiB', values: after.heapMiB - before.heapMiB });
  part.add({ id: `memory/${id}-per-run`, what: `${what}: PSS of each`, unit: 'KiB', values: (mib * KIB_PER_MIB) / runs });
}
