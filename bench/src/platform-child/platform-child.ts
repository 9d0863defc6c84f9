/** The platform's process, as the parts of the benchmark hold it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Child, repository } from '../children/child.ts';
import { own } from '../machine/interference.ts';
import { treeOf } from '../machine/processes.ts';
import type { Options } from '../options.ts';
import type { PlatformArgument, PlatformUp, PlatformWork } from './serve-platform.ts';

export type PlatformProcess = Child<PlatformWork, PlatformUp>;

export const BENCH_AGENT = join(repository, 'bench/src/agents/steps.ts');
export const AIRLINE_AGENT = join(repository, 'examples/airline/src/agent.ts');

export interface StartOptions {
  readonly agent?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

export function startPlatformProcess(data: string, { agent = BENCH_AGENT, environment, nodeOptions }: StartOptions = {}): Promise<PlatformProcess> {
  const argument: PlatformArgument = { data, agents: [agent] };
  return Child.start(new URL('program.ts', import.meta.url), { argument, environment, nodeOptions });
}

/** Waits until everything runs that runs in production. Answers the processes of its Postgres. */
export async function settled(platform: PlatformProcess): Promise<() => readonly number[]> {
  const { postgresPid } = await platform.ask('settle', null);
  own.add(postgresPid);
  return () => treeOf(postgresPid);
}

/** Lends a directory, and removes it. */
export async function inScratch<Result>({ directory }: Pick<Options, 'directory'>, work: (scratch: string) => Promise<Result>): Promise<Result> {
  const scratch = mkdtempSync(join(directory, 'runledger-bench-'));
  // Postgres may run as another user, who has to pass through.
  chmodSync(scratch, 0o755);
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
