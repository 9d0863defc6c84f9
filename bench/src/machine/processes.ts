/** What the kernel says of processes, seen from outside: CPU time, memory, children. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
/** utime, stime, cutime, cstime. */
const CPU_FIELDS = [11, 12, 13, 14];
const KIB_PER_MIB = 1024;

/** The fields after the program's name, which may hold blanks and brackets. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** The process and all its descendants. */
export function treeOf(...roots: readonly number[]): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? Number(statOf(Number(name))?.[1]) : NaN;
    if (Number.isInteger(parent)) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const found = new Set(roots);
  for (const pid of found) for (const child of childrenOf.get(pid) ?? []) found.add(child);
  return [...found];
}

/** User and system time that the processes, and those of their children that have ended, have used so far; to 10 ms. */
export function cpuSecondsOf(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    for (const field of CPU_FIELDS) ticks += Number(stat?.[field] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** CPU time that the whole machine has used so far. */
export function machineCpuSeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + interrupts + softInterrupts) / TICKS_PER_SECOND;
}

export interface Memory {
  readonly rssMiB: number;
  /** Pages shared with other processes count in part. */
  readonly pssMiB: number;
}

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / KIB_PER_MIB;
  return { rssMiB: mib('Rss'), pssMiB: mib('Pss') };
}

/** Kernel threads, which write what our processes sync; undefined in a container that does not show them. */
export function kernelThreads(): number | undefined {
  try {
    return readFileSync('/proc/2/comm', 'utf8') === 'kthreadd\n' ? 2 : undefined;
  } catch {
    return undefined;
  }
}
