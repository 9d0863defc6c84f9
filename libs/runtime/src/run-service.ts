/** What clients may ask of runs, on top of the engine: commands with ids and identity, views, events, and waiting for them. */
import {
  FINAL_STATUSES, partitionOf, runIdIn, runIdOfKey, toCloudEvent, type AgentBriefing, type AgentPolicy, type ClientCommand, type CloudEvent, type Metadata, type RunView,
} from '@runledger/contracts';
import { viewOf } from '@runledger/domain';
import { type CommandOutcome } from './commit/pending.ts';
import { type Engine } from './engine.ts';
import { type AcceptedTransition } from './partitions/partition.ts';
import { type Clock } from './ports.ts';

export interface RunServiceParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly hashBytes: (text: string) => Uint8Array;
  /** The number of partitions that the installation began with. */
  readonly partitions: number;
}

export interface StartRequest {
  readonly tenant: string;
  readonly actor: string;
  readonly agent: { readonly policy: AgentPolicy; readonly briefing: AgentBriefing };
  readonly input: string;
  /** Chosen by the caller: the same key is the same run. */
  readonly key?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly trace?: string | undefined;
}

export interface Submitted {
  readonly run: string;
  /** Resolves once the command has ended and the log says so. */
  readonly decided: Promise<CommandOutcome>;
}

export class RunService {
  readonly #parts: RunServiceParts;
  readonly #watchers = new Map<string, Set<() => void>>();
  #next = 0;

  constructor(parts: RunServiceParts) {
    this.#parts = parts;
    parts.engine.follow((transition) => this.#notify(transition));
  }

  /** Starts a run; resolves once the command is durable. Throws `LogError` `log/unavailable`. */
  async start(request: StartRequest): Promise<Submitted> {
    const { tenant, actor, agent, input, key, metadata, trace } = request;
    const { partitions, newId, hashBytes } = this.#parts;
    const run = key === undefined ? runIdIn(this.#next++ % partitions, newId()) : runIdOfKey(tenant, key, partitions, hashBytes);
    const command: ClientCommand = { type: 'StartRun', agent: agent.policy, briefing: agent.briefing, input, ...(key === undefined ? {} : { key }), ...(metadata === undefined ? {} : { metadata }) };
    const { decided } = await this.#submit(tenant, run, actor, command, trace);
    return { run, decided };
  }

  /** Any other command to a run of this tenant. `id` makes a repeated request the same command. */
  async command(tenant: string, run: string, actor: string, command: Exclude<ClientCommand, { type: 'StartRun' }>, trace?: string): Promise<Submitted> {
    const { decided } = await this.#submit(tenant, run, actor, command, trace);
    return { run, decided };
  }

  #submit(tenant: string, run: string, actor: string, command: ClientCommand, trace: string | undefined): Promise<{ readonly decided: Promise<CommandOutcome> }> {
    const { engine, clock, newId } = this.#parts;
    return engine.submit({ schema: 'runledger.command.v1', id: newId(), tenant, run, time: clock.now(), actor, ...(trace === undefined ? {} : { trace }), command });
  }

  /** The run that a caller's reference means: a run id, or the id that was chosen at the start. */
  resolve(tenant: string, reference: string): string {
    return partitionOf(reference) === undefined ? runIdOfKey(tenant, reference, this.#parts.partitions, this.#parts.hashBytes) : reference;
  }

  /** The run as the log has it; undefined if this tenant has none of that id. */
  async view(tenant: string, run: string): Promise<RunView | undefined> {
    const found = await this.#parts.engine.runs.find(run);
    return found === undefined || found.tenant !== tenant ? undefined : viewOf(found, found.state, iso);
  }

  /** The view, and what the run said last. */
  async viewWithOutput(tenant: string, run: string): Promise<RunView | undefined> {
    const found = await this.#parts.engine.runs.findWithOutput(run);
    const view = found === undefined || found.tenant !== tenant ? undefined : viewOf(found, found.state, iso);
    return view === undefined || found?.output === undefined ? view : { ...view, output: found.output };
  }

  /** Events after the sequence `after`, in order, at most about `max` (records are not cut). Empty for a run of another tenant. */
  async events(tenant: string, run: string, after: number, max: number): Promise<readonly CloudEvent[]> {
    const events: CloudEvent[] = [];
    for (const { transition } of await this.#parts.engine.runs.records(run, after, max)) {
      if (transition.tenant !== tenant) return [];
      for (const event of transition.events) if (event.sequence > after && events.length < max) events.push(toCloudEvent(transition, event, iso));
    }
    return events;
  }

  /** Watches a run: `changed` resolves at its next accepted event after this call, or once `stop` was called. */
  watch(run: string): { readonly changed: Promise<void>; readonly stop: () => void } {
    const watchers = this.#watchers.get(run) ?? new Set<() => void>();
    this.#watchers.set(run, watchers);
    let stop = (): void => undefined;
    const changed = new Promise<void>((resolve) => {
      stop = () => {
        watchers.delete(stop);
        if (watchers.size === 0 && this.#watchers.get(run) === watchers) this.#watchers.delete(run);
        resolve();
      };
    });
    watchers.add(stop);
    return { changed, stop };
  }

  /** The view once the run is final, waits for somebody, or is paused; or what it is after `timeoutMs`, or when `signal` is aborted. */
  async settled(tenant: string, run: string, timeoutMs: number, signal?: AbortSignal): Promise<RunView | undefined> {
    let over = false;
    let watch = this.watch(run);
    const end = (): void => {
      over = true;
      watch.stop();
    };
    const stopTimer = this.#parts.clock.after(timeoutMs, end);
    signal?.addEventListener('abort', end);
    try {
      for (;;) {
        const view = await this.view(tenant, run);
        const rests = view === undefined || (view.status !== 'running' && view.status !== 'cancelling');
        if (rests || over || signal?.aborted === true) return await this.viewWithOutput(tenant, run);
        await watch.changed;
        watch = this.watch(run);
      }
    } finally {
      stopTimer();
      signal?.removeEventListener('abort', end);
      watch.stop();
    }
  }

  #notify({ run }: AcceptedTransition): void {
    if (this.#watchers.size === 0) return;
    for (const done of this.#watchers.get(run) ?? []) done();
  }
}

export const isFinal = (view: RunView): boolean => FINAL_STATUSES.includes(view.status);

/** RFC 3339 of ms since 1970. */
export const iso = (ms: number): string => new Date(ms).toISOString();
