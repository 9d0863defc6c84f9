/** Whoever does the measured work: this platform asked in its own process or over HTTP, or a peer. */
import { connect } from '@runledger/sdk';
import type { ProcessGroups, Watched } from '../machine/interference.ts';
import type { Load, Loaded } from '../platform-child/runner.ts';
import type { PlatformProcess } from '../platform-child/platform-child.ts';
import { pool } from '../work/pool.ts';
import { STEPS } from '../work/stubs.ts';

/** What every contestant can say of a load; the platform says more. */
export type LoadTimes = Pick<Loaded, 'ms' | 'runMs'>;

export interface Contestant<Says extends LoadTimes = LoadTimes> {
  readonly id: string;
  readonly name: string;
  /** Whose CPU is counted, apart. */
  readonly processes: ProcessGroups;
  /** Sizes of the loads with many runs in flight. */
  readonly loads: readonly number[];
  load(load: Load): Promise<Says>;
}

export interface Repeat<Says extends LoadTimes = LoadTimes> {
  readonly contestant: Contestant;
  readonly load: Load;
  readonly watched: Watched<Says>;
}

const WAIT_SECONDS = 60;

/** Every run is started, and waited for, by the SDK's client in this process. */
export function overHttp(platform: PlatformProcess, postgres: () => readonly number[], runs: number): Contestant {
  const { runs: api } = connect({ url: platform.up.url, apiKey: platform.up.apiKey });
  return {
    id: 'http', name: 'over HTTP', loads: [runs], processes: { platform: () => [platform.pid], Postgres: postgres, client: () => [process.pid] },
    load: async (load) => {
      const startedAt = performance.now();
      const runMs = await pool(load.runs, load.inFlight, async () => {
        const { id, status, steps } = await api.start({ agent: 'bench', input: 'Look up everything there is to know about black quartz, and conclude.' }, { wait: WAIT_SECONDS });
        if (status !== 'completed' || steps !== STEPS) throw new Error(`Run ${id} is ${status} after ${steps} steps.`);
      });
      return { ms: performance.now() - startedAt, runMs };
    },
  };
}
