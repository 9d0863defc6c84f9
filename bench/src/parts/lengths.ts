/** Whether a step costs the same in a long run as in a short one: the same number of steps in all, in runs of several lengths. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { atMost } from '../figures/figure.ts';
import { PartBuilder, type Part } from '../figures/results.ts';
import { median } from '../figures/statistics.ts';
import { numberText } from '../figures/table.ts';
import { quiet, watch, type Watched } from '../machine/interference.ts';
import { IN_FLIGHT, type Options } from '../options.ts';
import { inScratch, settled, startPlatformProcess } from '../platform-child/platform-child.ts';
import type { Loaded } from '../platform-child/runner.ts';

const LENGTHS = [1, 10, 50, 100, 500] as const;
/** The longest against the cheapest: a step must not grow with its run. */
const FLAT = atMost(1.5, 1.2);

export function measureLengths(options: Options): Promise<readonly Part[]> {
  return inScratch(options, async (scratch) => {
    const { stepsPerLength, warmUp } = options.sizes;
    const data = join(scratch, 'data');
    mkdirSync(data, { mode: 0o755 });
    const platform = await startPlatformProcess(data);
    const repeats = new Map<number, Watched<Loaded>[]>(LENGTHS.map((steps) => [steps, []]));
    try {
      await settled(platform);
      await platform.ask('load', { runs: warmUp, inFlight: IN_FLIGHT });
      for (let k = 0; k < options.repeats; k++) {
        for (const steps of LENGTHS) {
          await quiet(options.patienceSeconds);
          const load = { runs: Math.ceil(stepsPerLength / steps), inFlight: IN_FLIGHT, steps };
          repeats.get(steps)?.push(await watch({ platform: () => [platform.pid] }, () => platform.ask('load', load)));
        }
      }
    } finally {
      await platform.stop();
    }
    return [partOf(repeats, stepsPerLength)];
  });
}

function partOf(repeats: ReadonlyMap<number, readonly Watched<Loaded>[]>, stepsPerLength: number): Part {
  const part = new PartBuilder(`Cost per step by the length of the run: ${numberText(stepsPerLength)} steps of each length, ${IN_FLIGHT} runs in flight`);
  const cost = new Map<number, number>();
  for (const [steps, own] of repeats) {
    const { kept, disturbed } = part.undisturbed(`length ${steps}`, own);
    const micros = kept.map(({ cpu, value }) => ((cpu.platform ?? 0) * 1e6) / (value.runMs.length * steps));
    cost.set(steps, median(micros));
    part.add({ id: `lengths/cpu-${steps}`, what: `CPU per step, runs of ${steps} ${steps === 1 ? 'step' : 'steps'}`, unit: 'µs', values: micros, disturbed });
  }
  const longest = cost.get(LENGTHS[LENGTHS.length - 1] ?? 0) ?? NaN;
  part.add({ id: 'lengths/longest-to-shortest', what: 'longest / shortest', unit: '', values: longest / (cost.get(LENGTHS[0]) ?? NaN) });
  part.add({ id: 'lengths/longest-to-cheapest', what: 'longest / cheapest: flat', unit: '', values: longest / Math.min(...cost.values()), target: FLAT });
  return part.end();
}
