/**
 * The platform in memory, for tests of agents: the real rules, the real engine and the agent's own tools; only the log
 * is kept in memory, and the model is the test's.
 */
import type { CloudEvent, Metadata, RunView } from '@runledger/contracts';
import { MemoryRunIndex, MemoryStore, memoryInbox, memoryLog } from '@runledger/event-sourcing/testing';
import { Engine, InProcessLane, RunService, newId, sha256, sha256Bytes, systemClock, type CommandOutcome, type ModelResult, type TaskHandlers, type ToolResult, type ToolTask } from '@runledger/runtime';
import type { Agent } from '../agents/define-agent.ts';
import type { Tool, ToolContext } from '../agents/define-tool.ts';
import { ToolError } from '../agents/tool-error.ts';
import { contentOf, type TestModel } from './scripted-model.ts';

export interface HarnessOptions {
  readonly agents: readonly Agent[];
  readonly model: TestModel;
}

export interface TestRun {
  readonly id: string;
  readonly view: RunView;
  readonly output: string | null | undefined;
  readonly events: readonly CloudEvent[];
}

const TENANT = 'test';
const WAIT_MS = 10_000;

/** The command was refused; `code` says why. */
export class TestRejection extends Error {
  override readonly name = 'TestRejection';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export async function startTestHarness(options: HarnessOptions): Promise<TestHarness> {
  const harness = new TestHarness(options);
  await harness.restart();
  return harness;
}

export class TestHarness {
  readonly #options: HarnessOptions;
  readonly #store = new MemoryStore();
  readonly #index = new MemoryRunIndex();
  #engine: Engine | undefined;
  #runs: RunService | undefined;

  constructor(options: HarnessOptions) {
    this.#options = options;
  }

  /** A new process takes over what the one before had written. What was under way in it is given again, or is in doubt. */
  async restart(): Promise<void> {
    await this.close();
    const log = memoryLog(this.#store);
    const report = (): void => undefined;
    const lane = new InProcessLane({ worker: 'test', handlers: this.#handlers(), clock: systemClock, random: Math.random, report });
    const engine = new Engine({ log, inbox: memoryInbox(this.#store), index: this.#index, lane, clock: systemClock, hash: sha256, newId, random: Math.random, report });
    await engine.start();
    this.#engine = engine;
    this.#runs = new RunService({ engine, clock: systemClock, newId, hashBytes: sha256Bytes, partitions: log.partitions });
  }

  /** Starts a run and waits until it is final, or waits for somebody. Throws `TestRejection`. */
  async run(agent: string, input: string, options: { readonly metadata?: Metadata } = {}): Promise<TestRun> {
    return this.settled(await this.begin(agent, input, options));
  }

  /** Starts a run, and returns its id at once. */
  async begin(agent: string, input: string, options: { readonly metadata?: Metadata } = {}): Promise<string> {
    const found = this.#options.agents.find(({ policy }) => policy.name === agent);
    if (found === undefined) throw new TestRejection('agent/unknown', `The harness has no agent ${JSON.stringify(agent)}.`);
    const { run, decided } = await this.#service.start({ tenant: TENANT, actor: 'test', agent: found, input, metadata: options.metadata });
    taken(await decided);
    return run;
  }

  /** Gives a run of an agent with `turns: 'many'` its next input. */
  async input(run: string, input: string, options: { readonly final?: boolean } = {}): Promise<TestRun> {
    const { decided } = await this.#service.command(TENANT, run, 'test', { type: 'ProvideInput', input, inputId: newId(), ...(options.final === true && { final: true }) });
    taken(await decided);
    return this.settled(run);
  }

  async cancel(run: string): Promise<TestRun> {
    const { decided } = await this.#service.command(TENANT, run, 'test', { type: 'CancelRun' });
    taken(await decided);
    return this.settled(run);
  }

  async settled(run: string): Promise<TestRun> {
    const view = await this.#service.settled(TENANT, run, WAIT_MS);
    if (view === undefined) throw new TestRejection('run/unknown', `There is no run ${run}.`);
    return { id: run, view, output: view.output, events: await this.#service.events(TENANT, run, 0, 100_000) };
  }

  async close(): Promise<void> {
    await this.#engine?.stop(0);
  }

  get #service(): RunService {
    if (this.#runs === undefined) throw new Error('The harness has not been started. Use startTestHarness.');
    return this.#runs;
  }

  #handlers(): TaskHandlers {
    const { agents, model } = this.#options;
    return {
      canDo: () => true,
      async model(task): Promise<ModelResult> {
        const { run, step, attempt, metadata = {} } = task;
        const answer = await model({ run, step, attempt, metadata, messages: await task.messages(), tools: await task.tools() });
        const usage = typeof answer === 'string' || answer.usage === undefined ? { inputTokens: 0, outputTokens: 0 } : answer.usage;
        return { outcome: 'completed', message: contentOf(answer, step), usage };
      },
      tool: (task) => carryOut(agents.find(({ policy }) => policy.name === task.agent.name)?.tools.get(task.tool.name), task),
    };
  }
}

async function carryOut(tool: Tool | undefined, task: ToolTask): Promise<ToolResult> {
  if (tool === undefined) return failed('tool/unknown', `The agent has no tool ${task.tool.name}.`);
  const text = await task.arguments();
  const { tenant, run, step, attempt, key, metadata = {}, callId, signal } = task;
  const context: ToolContext = { tenant, run, step, attempt, key, metadata, callId, argumentsText: text, signal };
  try {
    let given: unknown = tool.arguments === 'text' ? text : JSON.parse(text);
    if (tool.parse !== undefined && tool.arguments !== 'text') {
      const parsed = await tool.parse(given);
      if (!parsed.ok) return failed('tool/invalid-arguments', parsed.issues);
      given = parsed.value;
    }
    const output = await tool.execute(given, context);
    return { outcome: 'completed', output: typeof output === 'string' ? output : output === undefined ? '' : JSON.stringify(output) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ToolError) return { outcome: 'failed', failure: { class: error.class, origin: 'tool', code: error.code, message }, outcomeUnknown: error.outcomeUnknown ?? task.tool.effect === 'once' };
    return { ...failed('tool/threw', message), outcomeUnknown: task.tool.effect === 'once' };
  }
}

function failed(code: string, message: string) {
  return { outcome: 'failed', failure: { class: 'validation', origin: 'tool', code, message } } as const;
}

function taken(outcome: CommandOutcome): void {
  if (outcome.outcome === 'rejected') throw new TestRejection(outcome.rejection.code, outcome.rejection.message);
}
