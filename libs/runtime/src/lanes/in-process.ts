/**
 * The lane for workers in the owner's own process. Tasks run off the commit loop, bounded per task type; a result goes
 * straight to the owner's queue. What is under way dies with the process: the next owner sees to it.
 */
import { type OwnerCommand } from '@runledger/contracts';
import { type Clock, type EngineReport } from '../ports.ts';
import { type ModelResult, type ModelTask, type Task, type TaskHandlers, type ToolResult, type ToolTask } from '../tasks.ts';
import { type Lane, type ResultMessage, type TaskOrder } from './lane.ts';

export interface InProcessLaneOptions {
  readonly worker: string;
  readonly handlers: TaskHandlers;
  readonly clock: Clock;
  readonly random: () => number;
  readonly report: (line: EngineReport) => void;
  /** Tasks of one type that may be under way at once. */
  readonly concurrencyMax?: { readonly model: number; readonly tool: number };
}

const DEFAULT_CONCURRENCY = { model: 256, tool: 256 };
/** Tasks that nobody can do are tried again this often: an agent may be loaded later. */
const UNCLAIMED_RETRY_MS = 1_000;

/** A task as its handler sees it: the order, and a signal. */
class Held {
  readonly order: TaskOrder;
  started = false;
  abandoned = false;
  #controller: AbortController | undefined;

  constructor(order: TaskOrder) {
    this.order = order;
    Object.assign(this, order);
  }

  get task(): Task {
    return this as unknown as Task;
  }

  /** Made only when a handler asks: most stubs and many tools never do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.abandoned) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.abandoned = true;
    this.#controller?.abort();
  }
}

export class InProcessLane implements Lane {
  readonly worker: string;
  readonly #options: InProcessLaneOptions;
  readonly #held = new Map<string, Held>();
  readonly #waiting: Record<Task['kind'], Held[]> = { model: [], tool: [] };
  readonly #underWay: Record<Task['kind'], number> = { model: 0, tool: 0 };
  #unclaimed: Held[] = [];
  #onResult: (result: ResultMessage) => void = () => undefined;
  #closed = false;
  #quiet: (() => void) | undefined;

  constructor(options: InProcessLaneOptions) {
    this.worker = options.worker;
    this.#options = options;
  }

  open(onResult: (result: ResultMessage) => void): void {
    this.#onResult = onResult;
  }

  holds(run: string, step: number, attempt: number): boolean {
    return this.#held.has(keyOf(run, step, attempt));
  }

  dispatch(order: TaskOrder): void {
    if (this.#closed) return;
    const held = new Held(order);
    this.#held.set(keyOf(order.run, order.step, order.attempt), held);
    this.#admit(held);
  }

  #admit(held: Held): void {
    const { kind } = held.order;
    if (!this.#options.handlers.canDo(held.task)) this.#setAside(held);
    else if (this.#underWay[kind] >= (this.#options.concurrencyMax ?? DEFAULT_CONCURRENCY)[kind]) this.#waiting[kind].push(held);
    else void this.#perform(held);
  }

  #setAside(held: Held): void {
    const { agent, run, kind } = held.order;
    const what = held.order.kind === 'tool' ? `tool ${held.order.tool.name} of agent ${agent.name} ${agent.version}` : `provider ${held.order.model.provider}`;
    this.#options.report({ level: 'warn', code: 'task/no-worker', message: `Run ${run} waits for a worker: nobody here has the ${what}. Load that version of the agent; the ${kind} task will then be taken up.` });
    if (this.#unclaimed.push(held) > 1) return;
    this.#options.clock.after(UNCLAIMED_RETRY_MS, () => this.#retryUnclaimed());
  }

  #retryUnclaimed(): void {
    const candidates = this.#unclaimed;
    this.#unclaimed = [];
    if (this.#closed) return;
    for (const held of candidates) {
      if (held.abandoned) continue;
      if (this.#options.handlers.canDo(held.task)) this.#admit(held);
      else this.#unclaimed.push(held);
    }
    if (this.#unclaimed.length > 0) this.#options.clock.after(UNCLAIMED_RETRY_MS, () => this.#retryUnclaimed());
  }

  async #perform(held: Held): Promise<void> {
    const { task } = held;
    const { kind, tenant, run, step, attempt } = task;
    this.#underWay[kind]++;
    held.started = true;
    const startedAt = performance.now();
    const command = task.kind === 'model' ? await this.#model(task, startedAt) : await this.#tool(task, startedAt);
    this.#underWay[kind]--;
    this.#held.delete(keyOf(run, step, attempt));
    this.#onResult({ tenant, run, command });
    this.#next(kind);
  }

  async #model(task: ModelTask, startedAt: number): Promise<OwnerCommand> {
    const { step, attempt } = task;
    let result: ModelResult;
    try {
      result = await this.#options.handlers.model(task);
    } catch (error) {
      result = { outcome: 'failed', failure: { class: 'internal', origin: 'model', code: 'model/defect', message: messageOf(error) } };
    }
    const latencyMs = latencySince(startedAt);
    if (result.outcome === 'completed') {
      const { message, usage, model } = result;
      return { type: 'CompleteModelCall', step, attempt, message, usage, latencyMs, ...(model === undefined ? {} : { model }) };
    }
    const { failure, usage } = result;
    return { type: 'FailModelCall', step, attempt, failure, ...(usage === undefined ? {} : { usage }), latencyMs, jitter: this.#options.random() };
  }

  async #tool(task: ToolTask, startedAt: number): Promise<OwnerCommand> {
    const { step, attempt } = task;
    let result: ToolResult;
    try {
      result = await this.#options.handlers.tool(task);
    } catch (error) {
      result = { outcome: 'failed', failure: { class: 'internal', origin: 'tool', code: 'tool/defect', message: messageOf(error) }, outcomeUnknown: true };
    }
    const latencyMs = latencySince(startedAt);
    if (result.outcome === 'completed') return { type: 'CompleteToolCall', step, attempt, output: result.output, latencyMs };
    const { failure, outcomeUnknown } = result;
    return { type: 'FailToolCall', step, attempt, failure, ...(outcomeUnknown === undefined ? {} : { outcomeUnknown }), latencyMs, jitter: this.#options.random() };
  }

  #next(kind: Task['kind']): void {
    for (let next = this.#waiting[kind].shift(); next !== undefined; next = this.#waiting[kind].shift()) {
      if (next.abandoned) continue;
      void this.#perform(next);
      return;
    }
    if (this.#closed && this.#underWay.model + this.#underWay.tool === 0) this.#quiet?.();
  }

  abandon(run: string, step: number, attempt: number): void {
    const key = keyOf(run, step, attempt);
    const held = this.#held.get(key);
    if (held === undefined) return;
    held.abort();
    if (!held.started) this.#held.delete(key);
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#waiting.model = [];
    this.#waiting.tool = [];
    for (const held of this.#held.values()) if (held.order.kind === 'model' || held.order.tool.effect === 'none') held.abort();
    if (this.#underWay.model + this.#underWay.tool === 0) return;
    await new Promise<void>((resolve) => {
      const stop = this.#options.clock.after(graceMs, resolve);
      this.#quiet = () => {
        stop();
        resolve();
      };
    });
  }
}

const keyOf = (run: string, step: number, attempt: number): string => `${run} ${step} ${attempt}`;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 4000);
/** To a microsecond: more digits only cost bytes in the log. */
const latencySince = (startedAt: number): number => Math.round((performance.now() - startedAt) * 1000) / 1000;
