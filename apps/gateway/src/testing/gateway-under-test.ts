/** A gateway on a free port, over a real engine on a log in memory, with two tenants. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewOf } from '@runledger/domain';
import { type Inbox, type Log } from '@runledger/event-sourcing';
import { memoryInbox, memoryLog, MemoryStore } from '@runledger/event-sourcing/testing';
import { openEmbeddedRunIndex } from '@runledger/log-embedded';
import { type LogLine } from '@runledger/nest-kit';
import { Engine, InProcessLane, iso, newId, RunService, sha256, sha256Bytes, systemClock } from '@runledger/runtime';
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.ts';
import { openApiKeys, type ApiKeys } from '../keys/api-keys.ts';
import { ApiClient } from './api-client.ts';
import { ListedRuns } from './listed-runs.ts';
import { AGENTS, ScriptedWorker } from './scripted-agents.ts';

export interface UnderTestOptions extends Partial<Pick<GatewayOptions, 'limits' | 'readiness' | 'agents' | 'partitions'>> {
  readonly queueMax?: number;
  /** Wraps the log or the inbox, to break it. */
  readonly log?: (log: Log) => Log;
  readonly inbox?: (inbox: Inbox) => Inbox;
}

export interface UnderTest {
  readonly gateway: Gateway;
  readonly engine: Engine;
  readonly runs: RunService;
  readonly keys: ApiKeys;
  readonly list: ListedRuns;
  readonly worker: ScriptedWorker;
  readonly lines: LogLine[];
  /** As the tenant `default`. */
  readonly api: ApiClient;
  /** As another tenant. */
  readonly other: ApiClient;
  close(): Promise<void>;
}

export async function gatewayUnderTest(options: UnderTestOptions = {}): Promise<UnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'runledger-gateway-'));
  const store = new MemoryStore({ partitions: 2 });
  const log = (options.log ?? ((it) => it))(memoryLog(store));
  const inbox = (options.inbox ?? ((it) => it))(memoryInbox(store));
  const index = openEmbeddedRunIndex(directory);
  const worker = new ScriptedWorker();
  const lines: LogLine[] = [];
  const report = (line: LogLine): void => void lines.push(line);
  const lane = new InProcessLane({ worker: 'worker', handlers: worker, clock: systemClock, random: () => 0.5, report });
  const engine = new Engine({ log, inbox, index, lane, clock: systemClock, hash: sha256, newId, random: () => 0.5, report }, options.queueMax === undefined ? {} : { queueMax: options.queueMax });
  const runs = new RunService({ engine, clock: systemClock, newId, hashBytes: sha256Bytes, partitions: store.partitions });
  await engine.start();
  const list = new ListedRuns();
  engine.follow(({ run, tenant, partition, offset }, state) => {
    const view = viewOf({ run, tenant }, state, iso);
    if (view !== undefined) list.views.set(run, view);
    list.offsets.set(partition, { offset });
  });
  const keys = await openApiKeys(directory);
  const second = await keys.create({ tenant: 'acme', name: 'specs' });
  const gateway = await createGateway({
    runs, keys, list, agents: options.agents ?? AGENTS, partitions: options.partitions ?? (() => engine.status()), port: 0, log: report,
    readiness: options.readiness ?? (() => ({ engine: { ready: true, required: true } })), limits: options.limits ?? {},
  });
  return {
    gateway, engine, runs, keys, list, worker, lines,
    api: new ApiClient(gateway.url, keys.localKey),
    other: new ApiClient(gateway.url, second.text),
    close: async () => {
      worker.release();
      await gateway.close(1_000);
      await engine.stop(100);
      await index.close();
      rmSync(directory, { recursive: true });
    },
  };
}
