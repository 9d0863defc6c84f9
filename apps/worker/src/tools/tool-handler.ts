/** Carries out tool calls: finds the tool, checks the arguments, calls it, and says how it went. */
import type { Task, ToolResult, ToolTask } from '@runledger/runtime';
import type { Agent, Tool } from '@runledger/sdk';
import { ToolCall, type CallEnd } from './tool-call.ts';
import { afterStart, messageOf, notStarted, thrown } from './tool-failure.ts';
import { ToolRegistry, type RegisteredTool } from './tool-registry.ts';

export interface ToolHandlerOptions {
  /** Of one output, as UTF-8. Default 262,144. */
  readonly outputBytesMax?: number;
  /** The clock that the tasks' deadlines are read by, in ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** The part of `TaskHandlers` that tools need. */
export interface ToolHandler {
  /** Never rejects. */
  tool(task: ToolTask): Promise<ToolResult>;
  /** Whether the very version of the tool is here; false for tasks that are no tool calls. */
  canDo(task: Pick<Task, 'kind'>): boolean;
}

const OUTPUT_BYTES_MAX = 262_144;
const UTF8_BYTES_PER_UNIT_MAX = 3;

/** Throws `ToolSchemaError` if an agent has a tool whose schema cannot be checked against. */
export function createToolHandler(agents: Iterable<Agent>, { outputBytesMax = OUTPUT_BYTES_MAX, now = Date.now }: ToolHandlerOptions = {}): ToolHandler {
  const registry = new ToolRegistry(agents);
  const limits = { outputBytesMax, now };
  return {
    async tool(task) {
      const found = registry.find(task);
      return found === undefined ? notHere(task) : perform(task, found, limits);
    },
    canDo: (task) => isToolTask(task) && registry.find(task) !== undefined,
  };
}

function isToolTask(task: Pick<Task, 'kind'>): task is ToolTask {
  return task.kind === 'tool';
}

async function perform(task: ToolTask, { tool, checker }: RegisteredTool, { outputBytesMax, now }: Required<ToolHandlerOptions>): Promise<ToolResult> {
  let text: string;
  try {
    text = await task.arguments();
  } catch (error) {
    return notStarted(task, { class: 'internal', origin: 'orchestration', code: 'task/unreadable', message: `The arguments could not be read: ${messageOf(error)}` });
  }
  let given: unknown = text;
  if (checker !== undefined) {
    const checking = checked(() => checker.check(text));
    const outcome = checking instanceof Promise ? await checking : checking;
    if (!outcome.ok) return invalidArguments(task, outcome.problem);
    given = outcome.value;
  }
  // For a tool without an effect the signal is not asked for: starting in vain costs less than making it.
  const leftMs = task.deadlineAt - now();
  if (leftMs <= 0 || (task.tool.effect !== 'none' && task.signal.aborted)) return tooLate(task);
  const call = new ToolCall(task, text, leftMs);
  const ended = carryOut(tool, given, call);
  return resultOf(task, ended instanceof Promise ? await ended : ended, outputBytesMax);
}

type Checking = ReturnType<NonNullable<RegisteredTool['checker']>['check']>;

/** A check of an author's own that throws has found the arguments to be wrong, or is wrong itself: nothing was done. */
function checked(check: () => Checking): Checking {
  const failed = (error: unknown) => ({ ok: false, problem: messageOf(error) }) as const;
  try {
    const outcome = check();
    return outcome instanceof Promise ? outcome.catch(failed) : outcome;
  } catch (error) {
    return failed(error);
  }
}

function carryOut(tool: Tool, given: unknown, call: ToolCall): CallEnd | Promise<CallEnd> {
  let value: unknown;
  try {
    value = tool.execute(given, call);
  } catch (error) {
    return { end: 'threw', error };
  }
  return isThenable(value) ? call.outcomeOf(value) : { end: 'returned', value };
}

function resultOf(task: ToolTask, ended: CallEnd, outputBytesMax: number): ToolResult {
  switch (ended.end) {
    case 'returned':
      return outputOf(task, ended.value, outputBytesMax);
    case 'threw':
      return thrown(task, ended.error);
    case 'timed-out':
      return afterStart(task, { class: 'timeout', origin: 'tool', code: 'tool/timeout', message: `The tool ${task.tool.name} did not answer within ${task.tool.timeoutMs} ms.` });
    case 'abandoned':
      return afterStart(task, { class: 'timeout', origin: 'tool', code: 'tool/abandoned', message: `The call of ${task.tool.name} was broken off: nobody waits for it any more.` });
  }
}

/** Past this point the tool has succeeded, so a failure here leaves an effect behind whose answer nobody has. */
function outputOf(task: ToolTask, value: unknown, bytesMax: number): ToolResult {
  let output: string;
  try {
    output = textOf(value);
  } catch (error) {
    return afterStart(task, { class: 'validation', origin: 'tool', code: 'tool/invalid-output', message: `The tool ${task.tool.name} returned what is no JSON: ${messageOf(error)}. Return a text or a JSON value.` });
  }
  if (output.length * UTF8_BYTES_PER_UNIT_MAX <= bytesMax) return { outcome: 'completed', output };
  const bytes = Buffer.byteLength(output);
  if (bytes <= bytesMax) return { outcome: 'completed', output };
  return afterStart(task, { class: 'validation', origin: 'tool', code: 'tool/output-too-large', message: `The tool ${task.tool.name} returned ${bytes} bytes, expected at most ${bytesMax}. Ask it for less at a time.` });
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  const text: unknown = JSON.stringify(value);
  if (typeof text === 'string') return text;
  throw new TypeError(`found a ${typeof value}`);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function notHere(task: ToolTask): ToolResult {
  const { agent, tool } = task;
  return notStarted(task, { class: 'internal', origin: 'tool', code: 'tool/not-loaded', message: `This worker has no tool ${tool.name} of version ${tool.version} for agent ${agent.name} ${agent.version}. Load that version of the agent here.` });
}

function invalidArguments(task: ToolTask, problem: string): ToolResult {
  const { tool } = task;
  return notStarted(task, { class: 'validation', origin: 'model', code: 'tool/invalid-arguments', message: `Invalid arguments for ${tool.name}: ${problem}. Nothing was done. Call the tool again with arguments that fit its schema.` });
}

function tooLate(task: ToolTask): ToolResult {
  const { tool } = task;
  return notStarted(task, { class: 'timeout', origin: 'tool', code: 'tool/not-started', message: `The call of ${tool.name} was not started: nobody waits for it any more.` });
}
