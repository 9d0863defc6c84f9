/** What the repeats of the step loop come to. */
import { atLeast, atMost, type Target } from '../figures/figure.ts';
import type { PartBuilder } from '../figures/results.ts';
import { numberText } from '../figures/table.ts';
import { median, quantile } from '../figures/statistics.ts';
import type { Watched } from '../machine/interference.ts';
import type { Loaded } from '../platform-child/runner.ts';
import { STEPS } from '../work/stubs.ts';
import type { Contestant, Repeat } from './contestant.ts';

export interface BareRepeat {
  readonly runs: number;
  readonly records: number;
  readonly batchRecords: number;
  /** The ms of all appends. */
  readonly watched: Watched<number>;
}

const KIB = 1024;
const KB = 1000;
/** Only the platform itself, started in its process, is held against the targets. */
const TARGETS: Readonly<Record<string, Target>> = {
  'steps/per-second': atLeast(20_000, 40_000),
  'steps/alone-p50': atMost(0.4, 0.25),
  'steps/alone-p95': atMost(0.7, 0.45),
  'steps/cpu': atMost(0.06, 0.03),
};

/** Throughput, latency and CPU of one contestant. The largest load is the one that the targets are for. */
export function addLoadFigures(part: PartBuilder, { id, loads }: Contestant, repeats: readonly Repeat[]): void {
  const add = (name: string, what: string, unit: string, values: readonly number[], disturbed: boolean): void => part.add({ id: `${id}/${name}`, what, unit, values, disturbed, target: TARGETS[`${id}/${name}`] });
  for (const runs of loads.toSorted((a, b) => b - a)) {
    const main = runs === Math.max(...loads);
    const suffix = main ? '' : `-of-${runs}`;
    const { kept, disturbed } = part.undisturbed(`${numberText(runs)} runs`, repeats.filter(({ load }) => load.inFlight > 1 && load.runs === runs).map(({ watched }) => watched));
    const perSecond = kept.map(({ value }) => (runs / value.ms) * 1000);
    add(`per-second${suffix}`, `durable steps, ${numberText(runs)} runs`, '/s', perSecond.map((value) => value * STEPS), disturbed);
    add(`runs-per-second${suffix}`, `runs of ${STEPS} steps, ${numberText(runs)} runs`, '/s', perSecond, disturbed);
    if (main) for (const group of Object.keys(kept[0]?.cpu ?? {})) add(group === 'platform' ? 'cpu' : `cpu-${group}`, `CPU per step: ${group}`, 'ms', kept.map(({ cpu }) => ((cpu[group] ?? 0) * 1000) / (runs * STEPS)), disturbed);
  }
  const { kept, disturbed } = part.undisturbed('one run at a time', repeats.filter(({ load }) => load.inFlight === 1).map(({ watched }) => watched));
  for (const [name, p] of [['alone-p50', 0.5], ['alone-p95', 0.95]] as const) add(name, `per step, one run at a time, ${name.slice(6)}`, 'ms', kept.map(({ value }) => quantile(value.runMs, p) / STEPS), disturbed);
}

export interface Files {
  readonly runs: number;
  readonly logBytes: number;
  readonly indexBytes: number;
}

/** What only this platform says of itself: batches and bytes. */
export function addPlatformFigures(part: PartBuilder, repeats: readonly Repeat<Loaded>[], { runs, logBytes, indexBytes }: Files): void {
  const loads = repeats.filter(({ load }) => load.inFlight > 1);
  part.add({ id: 'steps/events-per-commit', what: 'events per commit of the log', unit: '', values: loads.map(({ watched: { value: { commits } } }) => commits.events / commits.writes), target: atLeast(60) });
  part.add({ id: 'steps/events-per-run', what: `events of a run of ${STEPS} steps`, unit: '', values: loads.map(({ load, watched: { value: { commits } } }) => commits.events / load.runs) });
  part.add({ id: 'steps/bytes-per-run', what: 'log per run: bodies', unit: 'KB', values: loads.map(({ load, watched: { value: { commits } } }) => commits.bytes / load.runs / KB), target: atMost(40, 25) });
  part.add({ id: 'steps/file-bytes-per-run', what: 'log per run: growth of its file', unit: 'KB', values: logBytes / runs / KB, target: atMost(40, 25) });
  part.add({ id: 'steps/index-bytes-per-run', what: 'run index per run: its file', unit: 'KB', values: indexBytes / runs / KB });
  part.note(`Files over ${numberText(runs)} runs: log ${numberText(logBytes / KIB / KIB)} MiB, run index ${numberText(indexBytes / KIB / KIB)} MiB.`);
}

export function addBareFigures(part: PartBuilder, repeats: readonly Repeat<Loaded>[], bare: readonly BareRepeat[], syncs: readonly (readonly number[])[]): void {
  const runs = bare[0]?.runs ?? 0;
  const { kept, disturbed } = part.undisturbed('bare log', bare.map(({ watched }) => watched));
  const counting = bare.filter(({ watched }) => kept.includes(watched));
  const bareSteps = counting.map(({ watched }) => (runs * STEPS * 1000) / watched.value);
  part.add({ id: 'bare/records-per-second', what: 'records', unit: '/s', values: counting.map(({ records, watched }) => (records * 1000) / watched.value), disturbed });
  part.add({ id: 'bare/per-second', what: `as steps, ${numberText(runs)} runs`, unit: '/s', values: bareSteps, disturbed });
  const engineSteps = repeats.filter(({ load }) => load.inFlight > 1 && load.runs === runs).map(({ watched }) => (runs * STEPS * 1000) / watched.value.ms);
  part.add({ id: 'bare/ratio', what: 'engine / bare log, steps per second', unit: '', values: median(engineSteps) / median(bareSteps), disturbed });
  part.note(`Batches of ${counting.map(({ batchRecords }) => batchRecords).join(', ')} records.`);
  for (const p of [0.5, 0.95]) part.add({ id: `disk/sync-p${p * 100}`, what: `fdatasync of 4 KiB, p${p * 100}`, unit: 'ms', values: syncs.map((ms) => quantile(ms, p)) });
}
