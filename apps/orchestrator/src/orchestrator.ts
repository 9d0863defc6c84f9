/**
 * The single writer of run streams: the engine over its partitions, what clients ask of runs, and the projection of the
 * list of runs. Nothing of a framework stands between a result and the next request.
 */
import { type Inbox, type Log, type RunIndex } from '@runledger/event-sourcing';
import {
  Engine, RunService, RunViewProjector, newId, sha256, sha256Bytes, systemClock, type EngineLimits, type EngineReport, type Lane, type RunViewSink,
} from '@runledger/runtime';

export interface OrchestratorParts {
  readonly log: Log;
  readonly inbox: Inbox;
  readonly index: RunIndex;
  readonly lane: Lane;
  /** Where the list of runs is kept; it may be away at any time. */
  readonly views: RunViewSink;
  readonly report: (line: EngineReport) => void;
  readonly limits?: Partial<EngineLimits>;
}

export interface Orchestrator {
  readonly engine: Engine;
  readonly runs: RunService;
  readonly projector: RunViewProjector;
  stop(graceMs?: number): Promise<void>;
}

/** Takes over every partition; resolves once each is open or has failed for good (see `engine.status`). */
export async function startOrchestrator(parts: OrchestratorParts): Promise<Orchestrator> {
  const { log, inbox, index, lane, views, report, limits } = parts;
  const clock = systemClock;
  const engine = new Engine({ log, inbox, index, lane, clock, hash: sha256, newId, random: Math.random, report }, limits);
  const projector = new RunViewProjector({ engine, log, sink: views, clock, hash: sha256, report });
  const runs = new RunService({ engine, clock, newId, hashBytes: sha256Bytes, partitions: log.partitions });
  projector.start();
  await engine.start();
  return {
    engine,
    runs,
    projector,
    stop: async (graceMs) => {
      await engine.stop(graceMs);
      await projector.stop();
    },
  };
}
