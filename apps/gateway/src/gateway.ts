/** The gateway: commands in, views and events out. It keeps no state of its own that a restart would miss. */
import { type Provider } from '@nestjs/common';
import { createLog, OpenAnswers, startHttpServer, type Log, type ServedRoute } from '@runledger/nest-kit';
import { type RunService } from '@runledger/runtime';
import { type Agents } from './agents/agents.ts';
import { AgentsController } from './agents/agents.controller.ts';
import { DEFAULT_LIMITS, type GatewayLimits } from './api/limits.ts';
import { PerKey } from './api/per-key.ts';
import { AGENTS, EVENT_REQUESTS, READINESS, RUN_LIST, RUN_REQUESTS } from './api/tokens.ts';
import { EventRequests } from './events/event-requests.ts';
import { EventsController } from './events/events.controller.ts';
import { startFault } from './gateway-error.ts';
import { HealthController } from './health/health.controller.ts';
import { type Readiness } from './health/readiness.ts';
import { type ApiKeys } from './keys/api-keys.ts';
import { Authentication } from './keys/authentication.ts';
import { RunChangesController } from './runs/run-changes.controller.ts';
import { RunListing, type RunList } from './runs/run-list.ts';
import { RunLookup, type Partitions } from './runs/run-lookup.ts';
import { RunRequests } from './runs/run-requests.ts';
import { RunsController } from './runs/runs.controller.ts';
import { UndecidedStarts } from './runs/undecided-starts.ts';

export interface GatewayOptions {
  readonly runs: RunService;
  readonly agents: Agents;
  readonly list: RunList;
  readonly keys: ApiKeys;
  /** The partitions as the engine has them now: `() => engine.status()`. */
  readonly partitions: Partitions;
  readonly readiness: Readiness;
  /** 0 takes a free one. */
  readonly port: number;
  /** Default: this machine only. */
  readonly host?: string;
  readonly log?: Log;
  readonly limits?: Partial<GatewayLimits>;
}

export interface Gateway {
  readonly url: string;
  readonly routes: readonly ServedRoute[];
  /** Answers that are held open now: streams, and requests that wait. */
  readonly openAnswers: number;
  /** Ends streams and waits, lets the rest finish, and resolves once all connections are closed. */
  close(graceMs?: number): Promise<void>;
}

/** Throws `GatewayError` if the port cannot be had. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { port, host = '127.0.0.1', log = createLog() } = options;
  const answers = new OpenAnswers();
  try {
    const server = await startHttpServer({
      controllers: [RunsController, RunChangesController, EventsController, AgentsController, HealthController],
      providers: providersOf(options),
      guards: [new Authentication(options.keys, answers)],
      answers, log, port, host,
    });
    return {
      url: server.url,
      routes: server.routes,
      get openAnswers() {
        return answers.size;
      },
      close: (graceMs) => server.close(graceMs),
    };
  } catch (error) {
    throw startFault(error, host, port);
  }
}

function providersOf({ runs, agents, list, partitions, readiness, limits: given }: GatewayOptions): Provider[] {
  const limits = { ...DEFAULT_LIMITS, ...given };
  const undecided = new UndecidedStarts();
  const lookup = new RunLookup({ runs, undecided, partitions, limits });
  const waits = new PerKey('requests that wait', limits.waitsPerKeyMax);
  const streams = new PerKey('streams', limits.streamsPerKeyMax);
  return [
    { provide: RUN_REQUESTS, useValue: new RunRequests({ runs, agents, lookup, undecided, waits, limits }) },
    { provide: RUN_LIST, useValue: new RunListing(list, partitions) },
    { provide: EVENT_REQUESTS, useValue: new EventRequests({ runs, lookup, streams, limits }) },
    { provide: AGENTS, useValue: agents },
    { provide: READINESS, useValue: readiness },
  ];
}
