/** All services in one process: composition, and nothing else. */
import { createGateway, openApiKeys, type Gateway } from '@runledger/gateway';
import { createModelHandler, openAiCompatibleProvider, recordedProvider, type ModelProvider } from '@runledger/llm-gateway';
import { startOrchestrator, type Orchestrator } from '@runledger/orchestrator';
import { InProcessLane, newId, systemClock, type EngineReport, type TaskHandlers } from '@runledger/runtime';
import { loadAgents, type LoadedAgents } from '@runledger/sdk';
import { createToolHandler } from '@runledger/worker';
import { announce, openInstallation, openViews, type Installation, type OpenedViews } from './installation.ts';
import { type Settings } from './settings.ts';

export interface Platform {
  readonly url: string;
  /** The key of the tenant `default`, for the local command line. */
  readonly localKey: string;
  readonly fresh: boolean;
  readonly loaded: LoadedAgents;
  readonly orchestrator: Orchestrator;
  readonly installation: Installation;
  readonly views: OpenedViews;
  /** Ends everything in order; takes `graceMs` at most for what is under way, and about a second for the rest. */
  stop(graceMs?: number): Promise<void>;
}

export type Report = (line: EngineReport) => void;

export interface PlatformAdditions {
  /** Beside those of the settings; for programs that bring a model of their own. */
  readonly providers?: readonly ModelProvider[];
}

/** Throws what keeps it from starting, as typed errors; the list of runs may come up later. */
export async function startPlatform(settings: Settings, report: Report, { providers = [] }: PlatformAdditions = {}): Promise<Platform> {
  process.env.RUNLEDGER_DATA = settings.data;
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const installation = openInstallation(settings.data, { partitions: settings.partitions, onStopped: (error) => report({ level: 'error', code: error.code, message: error.message }) });
    undo.push(() => installation.close());
    const views = openViews(settings.data, settings.postgres, (message) => report({ level: 'info', code: 'postgres', message }));
    undo.push(() => views.close());
    views.server.catch((error: Error) => report({ level: 'error', code: 'postgres/unavailable', message: `${error.message} Runs go on; lists of runs are not available.` }));
    const loaded = await loadAgents(settings.agents, settings.agentsFrom);
    const lane = new InProcessLane({ worker: `in-process ${newId().slice(0, 8)}`, handlers: handlersOf(settings, loaded, providers), clock: systemClock, random: Math.random, report });
    const { log, inbox } = installation.opened;
    const orchestrator = await startOrchestrator({ log, inbox, index: installation.index, lane, views: views.views, report });
    let graceMs = 5_000;
    undo.push(() => orchestrator.stop(graceMs));
    const keys = await openApiKeys(settings.data);
    const gateway = await startGateway(settings, orchestrator, loaded, views, keys);
    undo.push(() => gateway.close());
    undo.push(announce(settings.data, { url: gateway.url, pid: process.pid }));
    return {
      url: gateway.url, localKey: keys.localKey, fresh: installation.fresh, loaded, orchestrator, installation, views,
      stop: (grace = graceMs) => {
        graceMs = grace;
        return stop();
      },
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** Workers of every task type, beside the owner. */
function handlersOf(settings: Settings, loaded: LoadedAgents, added: readonly ModelProvider[]): TaskHandlers {
  const providers: ModelProvider[] = [recordedProvider(loaded.recordings), ...added];
  for (const [name, { url, keyVariable }] of Object.entries(settings.providers)) {
    const apiKey = keyVariable === undefined ? undefined : process.env[keyVariable];
    providers.push(openAiCompatibleProvider({ name, baseUrl: url, ...(apiKey === undefined ? {} : { apiKey }) }));
  }
  const models = createModelHandler(providers);
  const tools = createToolHandler(loaded.agents);
  return { model: models.model, tool: tools.tool, canDo: (task) => (task.kind === 'model' ? models.canDo(task) : tools.canDo(task)) };
}

function startGateway(settings: Settings, { engine, runs }: Orchestrator, loaded: LoadedAgents, views: OpenedViews, keys: Awaited<ReturnType<typeof openApiKeys>>): Promise<Gateway> {
  const byName = new Map(loaded.agents.map((agent) => [agent.policy.name, agent]));
  return createGateway({
    runs, list: views.views, keys, host: settings.host, port: settings.port,
    agents: { list: () => loaded.agents.map((agent) => agent.policy), find: (name) => byName.get(name) },
    partitions: () => engine.status(),
    readiness: () => readinessOf(engine.status(), views),
  });
}

function readinessOf(partitions: ReturnType<Orchestrator['engine']['status']>, views: OpenedViews) {
  const parts: Record<string, { ready: boolean; detail?: string; required: boolean }> = {};
  for (const { partition, state, detail } of partitions) parts[`partition-${partition}`] = { ready: state === 'open', required: true, ...(detail === undefined ? {} : { detail }) };
  parts.views = { ready: views.views.ready(), required: false, ...(views.views.ready() ? {} : { detail: 'Postgres does not answer; lists of runs are not available, everything else is.' }) };
  return parts;
}
