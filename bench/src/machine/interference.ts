/** Other programs on this machine: how much CPU they take while something is measured, and how long to wait for them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsOf, kernelThreads, machineCpuSeconds, treeOf } from './processes.ts';

/** Cores; a repeat in which other programs used more does not count. */
export const FOREIGN_CORES_MAX = 0.15;
const LOOK_MS = 1_000;

/** Roots of the processes that belong to the benchmark, besides its own. */
export const own = new Set<number>();

export type ProcessGroups = Readonly<Record<string, () => readonly number[]>>;

export interface Watched<Value> {
  readonly value: Value;
  readonly seconds: number;
  readonly foreignCores: number;
  /** CPU seconds per group of processes. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** Does something, and says what it cost whom. */
export async function watch<Value>(groups: ProcessGroups, work: () => Promise<Value>): Promise<Watched<Value>> {
  const before = look(groups);
  const value = await work();
  const after = look(groups);
  const seconds = (after.at - before.at) / 1000;
  const cpu = Object.fromEntries(Object.keys(groups).map((name) => [name, (after.cpu[name] ?? 0) - (before.cpu[name] ?? 0)]));
  return { value, seconds, foreignCores: Math.max(0, (after.foreign - before.foreign) / seconds), cpu };
}

function look(groups: ProcessGroups) {
  const ours = treeOf(process.pid, ...own, ...[kernelThreads()].filter((pid) => pid !== undefined));
  const cpu: Record<string, number> = Object.fromEntries(Object.entries(groups).map(([name, pids]) => [name, cpuSecondsOf(pids())]));
  return { at: performance.now(), foreign: machineCpuSeconds() - cpuSecondsOf(ours), cpu };
}

/** Waits until other programs are quiet, but no longer than `seconds`. True if they are. */
export async function quiet(seconds: number): Promise<boolean> {
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const { foreignCores } = await watch({}, () => sleep(LOOK_MS));
    if (foreignCores <= FOREIGN_CORES_MAX) return true;
  }
  return false;
}
