/**
 * A long log, made quickly by the real rules: each command is decided, checked and encoded as the engine does it, only that
 * results are made up, and written in large batches.
 */
import { checkEvent, runIdIn, type RunCommand } from '@runledger/contracts';
import { ABSENT, runDecider, type Run } from '@runledger/domain';
import { CHAIN_START, WRITER_STARTED_SCHEMA, encodeControl, encodeTransition, type Log } from '@runledger/event-sourcing';
import { newId, sha256 } from '@runledger/runtime';
import { agent } from '../agents/steps.ts';
import { modelAnswer, toolAnswer } from '../work/stubs.ts';

const TENANT = 'default';
const WORKER = 'generated';
const BATCH_RECORDS = 1_000;
const LATENCY_MS = 0.25;

export class GeneratedRun {
  readonly id = runIdIn(0, newId());
  readonly steps: number;
  state: Run = ABSENT;
  head = CHAIN_START;
  sequence = 0;

  constructor(steps: number) {
    this.steps = steps;
  }

  get ended(): boolean {
    return this.state.status !== 'absent' && this.state.status !== 'active';
  }
}

export class LogGenerator {
  readonly #log: Log;
  readonly #writer = newId();
  #n = 0;
  #end = 0;
  #waiting: string[] = [];
  events = 0;
  results = 0;
  /** CPU time spent on deciding, checking, hashing and encoding. */
  ruleMicros = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  get records(): number {
    return this.#end + this.#waiting.length;
  }

  async begin(): Promise<void> {
    this.#waiting.push(encodeControl({ schema: WRITER_STARTED_SCHEMA, writer: this.#writer, follows: null, time: Date.now() }));
    await this.flush();
  }

  /** Takes each of the runs one command further: its start, or the result of its open step. */
  async advance(runs: readonly GeneratedRun[]): Promise<void> {
    const time = Date.now();
    const commands = runs.map(nextCommand);
    const before = process.cpuUsage();
    runs.forEach((run, k) => this.#take(run, commands[k], time));
    const { user, system } = process.cpuUsage(before);
    this.ruleMicros += user + system;
    if (this.#waiting.length >= BATCH_RECORDS) await this.flush();
  }

  #take(run: GeneratedRun, command: RunCommand | undefined, time: number): void {
    if (command === undefined) return;
    const id = command.type === 'StartRun' ? run.id : `result ${run.sequence}`;
    const common = { tenant: TENANT, run: run.id, time, actor: WORKER };
    const decision = runDecider.decide(run.state, { ...common, id, worker: WORKER, command }, sha256);
    if (decision.outcome !== 'applied') throw new Error(`A generated command was not applied: ${JSON.stringify(decision)}`);
    const stem = sha256(`${run.id}\n${id}`).slice(0, 22);
    const drafts = decision.events.map((event, k) => {
      checkEvent(event);
      return { id: `${stem}.${k}`, sequence: run.sequence + 1 + k, ...event };
    });
    const { body, head } = encodeTransition({ ...common, writer: this.#writer, n: ++this.#n, cause: id, agent: agent.policy.name }, drafts, run.head, sha256);
    this.#waiting.push(body);
    run.state = decision.state;
    run.head = head;
    run.sequence += drafts.length;
    this.events += drafts.length;
    if (command.type !== 'StartRun') this.results++;
  }

  async flush(): Promise<void> {
    const bodies = this.#waiting;
    if (bodies.length === 0) return;
    const [outcome] = await this.#log.append([{ partition: 0, expected: this.#end, bodies }]);
    if (outcome?.outcome !== 'accepted') throw new Error(`The log did not take a batch: ${JSON.stringify(outcome)}`);
    this.#end += bodies.length;
    this.#waiting = [];
  }
}

/** Undefined for a run that has ended. */
function nextCommand({ id, state, steps }: GeneratedRun): RunCommand | undefined {
  if (state.status === 'absent') return { type: 'StartRun', agent: agent.policy, briefing: agent.briefing, input: 'Look up everything there is to know about black quartz, and conclude.' };
  if (state.status !== 'active') return undefined;
  const [open] = state.open;
  if (open === undefined) return undefined;
  const { step, attempt, kind } = open;
  if (kind === 'tool') return { type: 'CompleteToolCall', step, attempt, output: JSON.stringify(toolAnswer(id, step)), latencyMs: LATENCY_MS };
  const { text, call, usage } = modelAnswer(id, step, steps);
  return { type: 'CompleteModelCall', step, attempt, message: call === undefined ? { text } : { text, toolCalls: [call] }, usage, latencyMs: LATENCY_MS };
}
