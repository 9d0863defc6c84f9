/** What the command line can ask for, with everything read from it. The exit code is what each resolves with. */
import type { ConnectionOptions } from '../connection/connection.ts';
import { withClient } from '../connection/with-client.ts';
import { listAgents } from '../agents/list-agents.ts';
import { runPlatform, type PlatformVerb } from '../platform/run-platform.ts';
import { changeRun, giveInput, reconcileEffect, type InputOptions, type JsonOption, type ReconcileOptions } from '../runs/change-run.ts';
import { listRuns, type ListOptions } from '../runs/list-runs.ts';
import { startRun, type StartOptions } from '../runs/start-run.ts';
import { listEvents, type EventsOptions } from '../timeline/list-events.ts';
import { showRun } from '../timeline/show-run.ts';
import type { Session } from './session.ts';

type Connected<Options> = Options & ConnectionOptions;

export interface Actions {
  /** `args` are those after the verb, unchanged. */
  platform(verb: PlatformVerb, args: readonly string[]): Promise<number>;
  run(agent: string, options: Connected<StartOptions>): Promise<number>;
  runs(options: Connected<ListOptions>): Promise<number>;
  show(run: string, options: Connected<JsonOption & { readonly full?: boolean }>): Promise<number>;
  events(run: string, options: Connected<EventsOptions>): Promise<number>;
  input(run: string, options: Connected<InputOptions>): Promise<number>;
  change(change: 'cancel' | 'pause' | 'resume', run: string, options: Connected<JsonOption & { readonly reason?: string }>): Promise<number>;
  reconcile(run: string, step: number, options: Connected<ReconcileOptions>): Promise<number>;
  agents(options: Connected<JsonOption>): Promise<number>;
}

export function actionsOf(session: Session): Actions {
  return {
    platform: (verb, args) => runPlatform(verb, args),
    run: (agent, options) => withClient(session, options, (client) => startRun(client, agent, options, session)),
    runs: (options) => withClient(session, options, (client) => listRuns(client, options, session)),
    show: (run, options) => withClient(session, options, (client) => showRun(client, run, options, session)),
    events: (run, options) => withClient(session, options, (client) => listEvents(client, run, options, session)),
    input: (run, options) => withClient(session, options, (client) => giveInput(client, run, options, session)),
    change: (change, run, options) => withClient(session, options, (client) => changeRun(client, change, run, options, session)),
    reconcile: (run, step, options) => withClient(session, options, (client) => reconcileEffect(client, run, step, options, session)),
    agents: (options) => withClient(session, options, (client) => listAgents(client, options, session)),
  };
}
