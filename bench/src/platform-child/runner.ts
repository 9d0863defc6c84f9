/** Starts runs through the service that the gateway calls, and notices their end as its followers do: without asking again and again. */
import type { Run } from '@runledger/domain';
import type { Orchestrator } from '@runledger/orchestrator';
import type { CommitStats } from '@runledger/runtime';
import { agent } from '../agents/steps.ts';
import { pool } from '../work/pool.ts';
import { STEPS } from '../work/stubs.ts';

export interface Load {
  readonly runs: number;
  readonly inFlight: number;
  /** Of each run; 20 if left out. */
  readonly steps?: number;
}

export interface Loaded {
  readonly ms: number;
  /** From the durable start of each run to its durable end. */
  readonly runMs: readonly number[];
  readonly commits: Readonly<CommitStats>;
  /** The log's partition before and after. */
  readonly from: number;
  readonly to: number;
}

const TENANT = 'default';
const INPUT = 'Look up everything there is to know about black quartz, and conclude.';

export class Runner {
  readonly #parts: Orchestrator;
  readonly #waiting = new Map<string, (state: Run) => void>();

  constructor(parts: Orchestrator) {
    this.#parts = parts;
    parts.engine.follow(({ run }, state) => {
      if (state.status === 'active') return;
      this.#waiting.get(run)?.(state);
      this.#waiting.delete(run);
    });
  }

  /** Throws if a run has not completed with exactly the steps that were asked for. */
  async load({ runs, inFlight, steps = STEPS }: Load): Promise<Loaded> {
    const { engine } = this.#parts;
    const before = { ...engine.stats };
    const from = engine.status()[0]?.end ?? 0;
    const startedAt = performance.now();
    const runMs = await pool(runs, inFlight, () => this.#one(steps));
    const ms = performance.now() - startedAt;
    const { writes, records, events, bytes } = engine.stats;
    const commits = { writes: writes - before.writes, records: records - before.records, events: events - before.events, bytes: bytes - before.bytes };
    return { ms, runMs, commits, from, to: engine.status()[0]?.end ?? 0 };
  }

  async #one(steps: number): Promise<void> {
    const { run, decided } = await this.#start(steps);
    const ended = new Promise<Run>((resolve) => this.#waiting.set(run, resolve));
    const outcome = await decided;
    if (outcome.outcome !== 'applied') throw new Error(`Run ${run} was not started: ${JSON.stringify(outcome)}`);
    check(run, await ended, steps);
  }

  #start(steps: number) {
    const metadata = steps === STEPS ? undefined : { steps };
    return this.#parts.runs.start({ tenant: TENANT, actor: 'bench', agent, input: INPUT, metadata });
  }

  async begin(runs: number): Promise<readonly string[]> {
    const started = await Promise.all(Array.from({ length: runs }, () => this.#start(STEPS)));
    return started.map(({ run }) => run);
  }

  async ended(runs: readonly string[]): Promise<number> {
    const ends = runs.map(async (run) => {
      const ended = new Promise<Run>((resolve) => this.#waiting.set(run, resolve));
      const found = await this.#parts.engine.runs.find(run);
      if (found === undefined) throw new Error(`There is no run ${run}.`);
      const state = found.state.status === 'active' ? await ended : found.state;
      this.#waiting.delete(run);
      check(run, state, STEPS);
      return 'endedAt' in state ? state.endedAt : NaN;
    });
    return Math.max(...(await Promise.all(ends)));
  }
}

function check(run: string, state: Run, steps: number): void {
  if (state.status === 'completed' && state.counts.steps === steps) return;
  throw new Error(`Run ${run} was to complete after ${steps} steps, but: ${JSON.stringify(state).slice(0, 1_000)}`);
}
