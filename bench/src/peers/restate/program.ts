/** A worker of Restate's, a client of it, or both, in a process of its own. */
import { STEPS, TURNS, askModel, callTool } from '../../work/stubs.ts';
import { serve } from '../../children/ipc.ts';
import type { Load } from '../../platform-child/runner.ts';
import { pool } from '../../work/pool.ts';
import type { LoadTimes } from '../../parts/contestant.ts';
import { importInstalled, type RestateClients, type RestateSdk, type StepContext } from './installed.ts';

export interface RestateArgument {
  readonly folder: string;
  readonly ingress: string;
  /** Where the worker listens; a process without one is a client only. */
  readonly workerPort?: number;
}

export type RestateWork = {
  load(load: Load): Promise<LoadTimes>;
  begin(runs: number): Promise<readonly string[]>;
  /** Resolves once all that was begun here has ended. Answers when that was. */
  ended(nothing: null): Promise<number>;
};

const { folder, ingress, workerPort } = JSON.parse(process.argv[2] ?? '{}') as RestateArgument;
const startedAt = Date.now().toString(36);
let runs = 0;
let begun: readonly Promise<void>[] = [];

/** The same agent, as its makers would write it. */
async function agent(context: StepContext, run: string): Promise<number> {
  let steps = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    await context.run(`model-${turn}`, () => askModel(run, 2 * turn + 1));
    await context.run(`tool-${turn}`, () => callTool(run, 2 * turn + 2));
    steps += 2;
  }
  return steps;
}

if (workerPort !== undefined) {
  const sdk = await importInstalled<RestateSdk>(folder, '@restatedev/restate-sdk');
  await sdk.serve({ services: [sdk.service({ name: 'agent', handlers: { run: agent } })], port: workerPort });
}
const clients = await importInstalled<RestateClients>(folder, '@restatedev/restate-sdk-clients');
const service = clients.connect({ url: ingress }).serviceClient({ name: 'agent' });

/** With the key, Restate keeps the result: a durable end, as everywhere else. */
async function one(id: string): Promise<void> {
  const steps = await service.run(id, clients.rpc.opts({ idempotencyKey: id }));
  if (steps !== STEPS) throw new Error(`Run ${id} came to ${steps} steps.`);
}

const newId = (): string => `run-${startedAt}-${runs++}`;

const work: RestateWork = {
  load: async (load) => {
    const before = performance.now();
    const runMs = await pool(load.runs, load.inFlight, () => one(newId()));
    return { ms: performance.now() - before, runMs };
  },
  begin: async (count) => {
    const ids = Array.from({ length: count }, newId);
    begun = ids.map(one);
    return ids;
  },
  ended: async () => {
    await Promise.all(begun);
    return Date.now();
  },
};
serve(work, { pid: process.pid }, async () => undefined);
