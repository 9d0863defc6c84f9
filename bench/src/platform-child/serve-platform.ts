/** Starts the platform as `npm start` does, only that the stub answers as a model, and works it as the benchmark asks. */
import { startPlatform, type Platform } from '@runledger/platform';
import { provider } from '../agents/steps.ts';
import { serve } from '../children/ipc.ts';
import { parkConversations } from './park.ts';
import { Runner, type Load, type Loaded } from './runner.ts';
import { countTimers } from './timers.ts';

export interface PlatformArgument {
  readonly data: string;
  readonly agents: readonly string[];
}

/** When the process came to where, in ms since 1970. */
export interface Milestones {
  /** The process began. */
  readonly startedAt: number;
  /** Its program's first line ran; nothing was imported yet. */
  readonly firstLineAt: number;
  /** All modules are loaded: the engine can be made. */
  readonly readyAt: number;
  /** The engine has claimed its partition: its first append was accepted. */
  readonly openAt: number;
  readonly listeningAt: number;
}

export interface PlatformUp extends Milestones {
  readonly url: string;
  readonly apiKey: string;
}

export type PlatformWork = {
  /** Resolves once Postgres is up and everything derived from the log is up to date. Answers Postgres' process. */
  settle(nothing: null): Promise<{ readonly postgresPid: number }>;
  load(load: Load): Promise<Loaded>;
  /** The load, with the timers that were armed during it, by the place in the code that armed them. */
  countTimers(load: Load): Promise<Readonly<Record<string, number>>>;
  /** Starts runs and does not wait for them. Answers their ids. */
  begin(runs: number): Promise<readonly string[]>;
  /** Resolves once these runs have ended. Answers when the last one did. */
  ended(runs: readonly string[]): Promise<number>;
  /** Plays so many recorded airline conversations up to their first answer. */
  park(runs: number): Promise<{ readonly waiting: number }>;
  /** Brings the index up to date, and collects what is not needed any more. */
  collect(nothing: null): Promise<{ readonly runsInMemory: number; readonly heapMiB: number }>;
};

const SETTLE_MS_MAX = 120_000;
const LOOK_MS = 20;

export async function servePlatform(times: Pick<Milestones, 'startedAt' | 'firstLineAt'>): Promise<void> {
  const readyAt = now();
  let openAt = NaN;
  const { data, agents } = JSON.parse(process.argv[2] ?? '{}') as PlatformArgument;
  const settings = { data, agents, agentsFrom: process.cwd(), host: '127.0.0.1', port: 0, providers: {}, partitions: undefined, postgres: undefined, samples: false, json: true };
  const platform = await startPlatform(settings, ({ level, code, message }) => {
    if (code === 'partition/open') openAt = now();
    if (level === 'error') console.error(`${level} ${code}: ${message}`);
  }, { providers: [provider] });
  const up: PlatformUp = { ...times, readyAt, openAt, listeningAt: now(), url: platform.url, apiKey: platform.localKey };
  serve(workOn(platform), up, () => platform.stop());
}

function workOn(platform: Platform): PlatformWork {
  const { engine, projector } = platform.orchestrator;
  const runner = new Runner(platform.orchestrator);
  return {
    settle: async () => {
      const server = await platform.views.server;
      for (const until = now() + SETTLE_MS_MAX; !platform.views.views.ready(); await sleep(LOOK_MS)) if (now() > until) throw new Error('Postgres did not come up.');
      if (!(await projector.caughtUp(SETTLE_MS_MAX))) throw new Error('The list of runs did not catch up.');
      return { postgresPid: server?.pid ?? 0 };
    },
    load: (load) => runner.load(load),
    countTimers: (load) => countTimers(() => runner.load(load)),
    begin: (runs) => runner.begin(runs),
    ended: (runs) => runner.ended(runs),
    park: (runs) => parkConversations(platform, runs),
    collect: async () => {
      await engine.flushIndex();
      await projector.caughtUp(SETTLE_MS_MAX);
      for (let k = 0; k < 5; k++) {
        globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
        await sleep(LOOK_MS);
      }
      const runsInMemory = engine.status().reduce((sum, partition) => sum + partition.runsInMemory, 0);
      return { runsInMemory, heapMiB: process.memoryUsage().heapUsed / 2 ** 20 };
    },
  };
}

const now = (): number => performance.timeOrigin + performance.now();
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
