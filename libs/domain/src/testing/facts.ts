/** Events as a spec writes them: what the sentence is about is given, the rest is what it is in every spec. */
import { createHash } from 'node:crypto';
import { EVENT_VERSIONS, type AgentPolicy, type AssistantContent, type EventData, type EventType, type Failure, type Metadata, type RunEvent, type ToolCall, type Usage } from '@runledger/contracts';
import { type Hash } from '@runledger/event-sourcing';
import { canonicalJson } from '../run/canonical.ts';
import { BRIEFING, DESK, MODEL_TIMEOUT_MS, TOOL_TIMEOUT_MS, toolNamed } from './agents.ts';

export const NOW = 1_768_467_600_000;
export const TENANT = 'acme';
export const RUN = 'run_0_0123456789abcdefghijklmnop';
export const WORKER = 'worker-1';
export const LATENCY_MS = 5;
export const USAGE: Usage = { inputTokens: 100, outputTokens: 10 };

export const hash: Hash = (text) => createHash('sha256').update(text).digest('base64url');

/** Content where it first stands in the run. */
export const content = <Body>(body: Body): { hash: string; body: Body } => ({ hash: hash(JSON.stringify(body)), body });
/** Content that stands in the run already. */
export const known = (body: unknown): { hash: string } => ({ hash: hash(JSON.stringify(body)) });

/** An answer in words. */
export const says = (text: string): AssistantContent => ({ text });
/** An answer that asks for calls; their ids are c1, c2, … */
export const asks = (...calls: readonly Omit<ToolCall, 'id'>[]): AssistantContent => ({ text: null, toolCalls: calls.map((call, k) => ({ id: `c${k + 1}`, ...call })) });
export const call = (tool: string, args: unknown = {}): Omit<ToolCall, 'id'> => ({ tool, arguments: typeof args === 'string' ? args : JSON.stringify(args) });

const digestOf = ({ tool, arguments: text }: Omit<ToolCall, 'id'>): string => hash(`${tool}\n${canonicalJson(JSON.parse(text))}`);

/** The key of the call after `recorded` earlier equal ones. */
export const keyOf = (asked: Omit<ToolCall, 'id'>, recorded = 0): string => hash(['runledger.effect', TENANT, RUN, asked.tool, digestOf(asked), String(recorded)].join('\n'));

export function fact<Type extends EventType>(type: Type, data: EventData<Type>): RunEvent {
  return { type, version: EVENT_VERSIONS[type], data } as RunEvent;
}

export interface Started {
  readonly key?: string;
  readonly metadata?: Metadata;
  readonly deadlineAt?: number;
}

export const runStarted = (agent: AgentPolicy = DESK, input = 'Hello', more: Started = {}): RunEvent =>
  fact('RunStarted', { agent, briefing: content(BRIEFING), input: content(input), requestDigest: hash(canonicalJson({ agent: agent.name, input, metadata: more.metadata ?? {} })), ...more });

export const inputReceived = (text: string, inputId: string, final?: true): RunEvent => fact('InputReceived', { input: content(text), inputId, ...(final && { final }) });
export const inputRequested = (): RunEvent => fact('InputRequested', {});

export interface Try {
  readonly attempt?: number;
  readonly at?: number;
}

/** `messages`: how many the call sees. Its `context` is compared by one spec of its own, and left out by the others. */
export const modelRequested = (step: number, messages: number, { attempt = 1, at = NOW }: Try = {}): RunEvent =>
  fact('ModelCallRequested', { step, attempt, model: DESK.model.name, messages, context: hash(`context of ${messages} messages`), deadlineAt: at + MODEL_TIMEOUT_MS });

export function modelCompleted(step: number, message: AssistantContent, { attempt = 1, usage = USAGE }: Try & { usage?: Usage } = {}): RunEvent {
  const calls = message.toolCalls?.map((asked) => ({ id: asked.id, tool: asked.tool, ...((toolNamed(asked.tool)?.effect ?? 'none') !== 'none' && { argumentsDigest: digestOf(asked) }) }));
  return fact('ModelCallCompleted', { step, attempt, message: content(message), ...(calls && { calls }), usage, latencyMs: LATENCY_MS });
}

export const modelFailed = (step: number, failure: Failure, { attempt = 1, latencyMs = LATENCY_MS, usage }: Try & { latencyMs?: number; usage?: Usage } = {}): RunEvent =>
  fact('ModelCallFailed', { step, attempt, failure, ...(usage && { usage }), latencyMs });

export interface ToolTry extends Try {
  /** Earlier equal calls whose outcome is recorded. */
  readonly recorded?: number;
  readonly joins?: number;
}

/** The call at `index` (from 0) of that answer. */
export function toolRequested(step: number, turn: AssistantContent, index: number, { attempt = 1, at = NOW, recorded = 0, joins }: ToolTry = {}): RunEvent {
  const asked = turn.toolCalls?.[index];
  if (asked === undefined) throw new Error(`The answer asks for no call ${index}.`);
  const effect = toolNamed(asked.tool)?.effect ?? 'none';
  return fact('ToolCallRequested', {
    step, attempt, tool: asked.tool, message: known(turn).hash, call: index, effect, ...(effect !== 'none' && { key: keyOf(asked, recorded) }), ...(joins !== undefined && { joins }), deadlineAt: at + TOOL_TIMEOUT_MS,
  });
}

export const toolDispatched = (step: number, attempt = 1): RunEvent => fact('ToolCallDispatched', { step, attempt, worker: WORKER });
export const toolCompleted = (step: number, output: string, { attempt = 1, latencyMs = LATENCY_MS }: Try & { latencyMs?: number } = {}): RunEvent => fact('ToolCallCompleted', { step, attempt, output: content(output), latencyMs });

export interface ToolFailing extends Try {
  readonly latencyMs?: number;
  readonly outcomeUnknown?: true;
}
/** Another attempt follows. */
export const toolFailed = (step: number, failure: Failure, { attempt = 1, latencyMs = LATENCY_MS, outcomeUnknown }: ToolFailing = {}): RunEvent =>
  fact('ToolCallFailed', { step, attempt, failure, latencyMs, ...(outcomeUnknown && { outcomeUnknown }) });
/** No other attempt follows: the model is told. */
export const toolFailedForGood = (step: number, failure: Failure, { attempt = 1, latencyMs = LATENCY_MS, outcomeUnknown }: ToolFailing = {}): RunEvent =>
  fact('ToolCallFailed', { step, attempt, failure, output: content(`Error: ${failure.message}`), latencyMs, ...(outcomeUnknown && { outcomeUnknown }) });
export const toolDenied = (step: number, turn: AssistantContent, index: number): RunEvent => {
  const tool = turn.toolCalls?.[index]?.tool ?? '';
  return fact('ToolCallDenied', { step, tool, message: known(turn).hash, call: index, code: 'tool/unknown', output: content(`There is no tool ${tool}.`) });
};

export const attemptLost = (step: number, attempt = 1): RunEvent => fact('AttemptLost', { step, attempt });
export const retryScheduled = (step: number, attempt: number, failure: Failure, at: number): RunEvent => fact('RetryScheduled', { step, attempt, failure, at });
export const timerFired = (timer: 'deadline' | 'attempt' | 'retry', step?: number): RunEvent => fact('TimerFired', { timer, ...(step !== undefined && { step }) });
export const effectUnknown = (step: number, reason: string, attempt = 1): RunEvent => fact('EffectUnknown', { step, attempt, reason });
export const WORKER_LOST = 'The worker was lost while the call was under way.';
export const NO_ANSWER = "No answer came before the attempt's deadline.";

export const effectApplied = (step: number, by: 'person' | 'late-result', output: string): RunEvent => fact('EffectReconciled', { step, by, outcome: { applied: true, output: content(output) } });
export const effectNotApplied = (step: number, by: 'person' | 'late-result', reason: string): RunEvent =>
  fact('EffectReconciled', { step, by, outcome: { applied: false, output: content(`Error: the call had no effect: ${reason}`), reason } });

export const lateResult = (step: number, attempt: number, usage?: Usage): RunEvent => fact('LateResultRecorded', { step, attempt, ...(usage && { usage }) });
export const runPaused = (reason?: string): RunEvent => fact('RunPaused', reason === undefined ? {} : { reason });
export const runResumed = (): RunEvent => fact('RunResumed', {});
export const runCancelled = (reason?: string): RunEvent => fact('RunCancelled', reason === undefined ? {} : { reason });
export const runCompleted = (reason: 'answer' | 'tool' | 'input', output: unknown): RunEvent => fact('RunCompleted', { reason, output: known(output).hash });
export const runFailed = (failure: Failure): RunEvent => fact('RunFailed', { reason: failure.code, failure });
export const runExpired = (): RunEvent => fact('RunExpired', { reason: 'deadline' });

/** The same event where its content stands in the run already. */
export function mentioning(event: RunEvent): RunEvent {
  const text = JSON.stringify(event.data, (name, value: unknown) => (name === 'body' ? undefined : value));
  return { ...event, data: JSON.parse(text) } as RunEvent;
}
