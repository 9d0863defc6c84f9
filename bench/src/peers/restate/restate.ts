/** Restate, set up by its own defaults: its server, which syncs, and a worker that holds one stream to it. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../../children/child.ts';
import { own } from '../../machine/interference.ts';
import type { Contestant } from '../../parts/contestant.ts';
import { VERSIONS, installRestate, serverProgram } from './installed.ts';
import type { RestateArgument, RestateWork } from './program.ts';

export type RestateProcess = Child<RestateWork, { readonly pid: number }>;

export interface Restate {
  readonly contestant: Contestant;
  /** Ends the worker, so that another one can take its place. */
  readonly worker: RestateProcess;
  startWorker(environment?: Readonly<Record<string, string>>): Promise<RestateProcess>;
  startClient(): Promise<RestateProcess>;
  stop(): Promise<void>;
}

const START_MS_MAX = 60_000;
const LOOK_MS = 50;

/** Installs it into `scratch`, starts it, and registers the worker. */
export async function startRestate(scratch: string, loads: readonly number[], environment?: Readonly<Record<string, string>>): Promise<Restate> {
  const folder = join(scratch, 'restate-packages');
  installRestate(folder);
  const [ingressPort = 0, adminPort = 0, nodePort = 0, workerPort = 0] = await freePorts(4);
  const ingress = `http://127.0.0.1:${ingressPort}`;
  const server = spawn(serverProgram(folder), ['--no-logo', '--listen-mode', 'tcp', '--bind-ip', '127.0.0.1', '--bind-port', String(nodePort), '--advertised-host', '127.0.0.1', '--base-dir', join(scratch, 'restate-data')], {
    env: { ...process.env, RESTATE_INGRESS__BIND_PORT: String(ingressPort), RESTATE_ADMIN__BIND_PORT: String(adminPort), RESTATE_LOG_FILTER: 'error' }, stdio: 'ignore',
  });
  const pid = server.pid ?? 0;
  own.add(pid);
  const start = (argument: RestateArgument, added?: Readonly<Record<string, string>>): Promise<RestateProcess> => Child.start(new URL('program.ts', import.meta.url), { argument, environment: { RESTATE_LOGGING: 'ERROR', ...added } });
  const startWorker = (added?: Readonly<Record<string, string>>): Promise<RestateProcess> => start({ folder, ingress, workerPort }, added);
  try {
    const worker = await startWorker(environment);
    await register(`http://127.0.0.1:${adminPort}`, `http://127.0.0.1:${workerPort}`);
    const contestant: Contestant = {
      id: 'restate', name: `Restate ${VERSIONS['@restatedev/restate-server']}`, loads, processes: { engine: () => [pid], worker: () => [worker.pid] }, load: (load) => worker.ask('load', load),
    };
    return {
      contestant, worker, startWorker, startClient: () => start({ folder, ingress }),
      stop: async () => {
        await worker.stop();
        server.kill('SIGKILL');
        own.delete(pid);
      },
    };
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
}

async function register(admin: string, worker: string): Promise<void> {
  for (const until = performance.now() + START_MS_MAX; ; await sleep(LOOK_MS)) {
    try {
      const answer = await fetch(`${admin}/deployments`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ uri: worker, force: true }) });
      if (answer.ok) return;
      if (performance.now() > until) throw new Error(await answer.text());
    } catch (error) {
      if (performance.now() > until) throw new Error(`Restate did not come up: ${String(error)}`, { cause: error });
    }
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  })));
  for (const server of servers) server.close();
  return ports;
}
