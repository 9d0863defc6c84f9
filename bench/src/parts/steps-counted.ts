/** What is counted apart, since counting slows the platform down: syncs, seen by the kernel, and timers. */
import { atMost } from '../figures/figure.ts';
import type { PartBuilder } from '../figures/results.ts';
import { sum } from '../figures/statistics.ts';
import { attachSyncCounter, type SyncCounter } from '../machine/fsyncs.ts';
import { IN_FLIGHT, type Options } from '../options.ts';
import type { PlatformProcess } from '../platform-child/platform-child.ts';
import { STEPS } from '../work/stubs.ts';

/** The time limit that an author gave a tool needs a timer per call; it stands beside the loop, not in it. */
const TOOLS_OWN_LIMIT = /^apps\/worker\/.*tool-call\.ts$/;
const TIMERS_PER_STEP_MAX = 0.1;

/** Answers how many runs this took. */
export async function addCounted(part: PartBuilder, platform: PlatformProcess, { sizes, requireFsyncs }: Options): Promise<number> {
  const load = { runs: sizes.counted, inFlight: IN_FLIGHT };
  const steps = sizes.counted * STEPS;
  let counter: SyncCounter | undefined;
  try {
    counter = await attachSyncCounter(platform.pid);
  } catch (error) {
    part.note(`SYNCS WERE NOT COUNTED: ${(error as Error).message}.`);
    if (requireFsyncs) process.exitCode = 1;
  }
  await platform.ask('load', load);
  if (counter !== undefined) part.add({ id: 'steps/syncs-per-step', what: 'syncs per step, all of the process, counted by strace', unit: '', values: (await counter.stop()) / steps, target: atMost(0.03) });
  const timers = await platform.ask('countTimers', load);
  const others = Object.entries(timers).filter(([place]) => !TOOLS_OWN_LIMIT.test(place));
  part.add({ id: 'steps/timers-per-step', what: 'timers armed per step, without those of tools’ own time limits', unit: '', values: sum(others.map(([, count]) => count)) / steps, target: atMost(TIMERS_PER_STEP_MAX) });
  part.note(`Timers armed in ${steps} steps: ${Object.entries(timers).map(([place, count]) => `${place} ${count}`).join(', ') || 'none'}.`);
  return 2 * sizes.counted;
}
