/** What becomes of an attempt: its result, its failure, its loss. Retries are decided here and nowhere else. */
import { OUTCOME_CLASSES, type Failure, type OwnerCommand, type Usage } from '@runledger/contracts';
import { type Decision } from '@runledger/event-sourcing';
import { type RunEvent } from '@runledger/contracts';
import { advance } from './advance.ts';
import { argumentsMeaning } from './canonical.ts';
import { type Draft } from './draft.ts';
import { isUnderWay, type ActiveRun, type AttemptRef, type OpenStep, type OpenToolStep, type Run } from './state.ts';

type Result<Type extends OwnerCommand['type']> = Extract<OwnerCommand, { type: Type }>;
type Outcome = Decision<Run, RunEvent>['outcome'];

const RETRY_BASE_MS = 500;
const RETRY_MS_MAX = 60_000;
/** Workers that died over one step: after so many the step itself is the suspect. */
const LOSSES_MAX = 100;

/** The open step that this result is of; undefined if nobody waits for it. */
function openFor(draft: Draft, ref: AttemptRef, kind: OpenStep['kind']): OpenStep | undefined {
  return draft.active?.open.find((open) => open.step === ref.step && open.attempt === ref.attempt && open.kind === kind && open.retryAt === undefined);
}

export function completeModelCall(draft: Draft, command: Result<'CompleteModelCall'>): Outcome {
  const { step, attempt, message, usage, latencyMs, model } = command;
  const run = draft.active;
  if (run === undefined || openFor(draft, command, 'model') === undefined) return late(draft, command, usage);
  const calls = message.toolCalls?.map((call) => {
    const effect = run.agent.tools.find((tool) => tool.name === call.tool)?.effect ?? 'none';
    return { id: call.id, tool: call.tool, ...(effect === 'none' ? {} : { argumentsDigest: draft.hash(call.tool + '\n' + argumentsMeaning(call.arguments)) }) };
  });
  draft.emit('ModelCallCompleted', {
    step, attempt, message: draft.content(message), ...(calls === undefined || calls.length === 0 ? {} : { calls }), usage, latencyMs,
    ...(model === undefined || model === run.agent.model.name ? {} : { model }),
  });
  advance(draft);
  return 'applied';
}

export function failModelCall(draft: Draft, command: Result<'FailModelCall'>): Outcome {
  const open = openFor(draft, command, 'model');
  if (open === undefined) return late(draft, command, command.usage);
  modelFailed(draft, open, command.failure, command);
  return 'applied';
}

function modelFailed(draft: Draft, open: OpenStep, failure: Failure, result: { usage?: Usage | undefined; latencyMs: number; jitter: number }): void {
  const { step, attempt } = open;
  draft.emit('ModelCallFailed', { step, attempt, failure, ...(result.usage === undefined ? {} : { usage: result.usage }), latencyMs: result.latencyMs });
  const run = draft.active;
  if (run === undefined || run.ending !== undefined) return;
  if (mayRetry(run, step, failure)) return scheduleRetry(draft, step, failure, result.jitter);
  draft.emit('RunFailed', { reason: failure.code, failure });
}

export function completeToolCall(draft: Draft, command: Result<'CompleteToolCall'>): Outcome {
  const open = openFor(draft, command, 'tool');
  if (open?.kind !== 'tool') return late(draft, command, undefined);
  toolCompleted(draft, open, command.output, command.latencyMs);
  return 'applied';
}

function toolCompleted(draft: Draft, open: OpenToolStep, text: string, latencyMs: number): void {
  const { step, attempt } = open;
  const output = draft.content(text);
  if (open.unknown) draft.emit('EffectReconciled', { step, by: 'late-result', outcome: { applied: true, output } });
  else draft.emit('ToolCallCompleted', { step, attempt, output, latencyMs });
  for (const joined of joinedTo(draft, step)) draft.emit('ToolCallCompleted', { step: joined.step, attempt: joined.attempt, output: { hash: output.hash }, latencyMs });
  advance(draft);
}

export function failToolCall(draft: Draft, command: Result<'FailToolCall'>): Outcome {
  const open = openFor(draft, command, 'tool');
  if (open?.kind !== 'tool') return late(draft, command, undefined);
  if (command.failure.class === 'already_applied') toolCompleted(draft, open, command.failure.message, command.latencyMs);
  else if (open.unknown) return 'duplicate';
  else toolFailed(draft, open, command.failure, { ...command, outcomeUnknown: command.outcomeUnknown === true });
  return 'applied';
}

function toolFailed(draft: Draft, open: OpenToolStep, failure: Failure, result: { latencyMs: number; jitter: number; outcomeUnknown: boolean }): void {
  const { step, attempt } = open;
  if (open.effect === 'once' && result.outcomeUnknown) return draft.emit('EffectUnknown', { step, attempt, reason: failure.message.slice(0, 1000) });
  const run = draft.active;
  if (open.effect !== 'once' && run !== undefined && run.ending === undefined && open.failures + 1 < run.agent.limits.attemptsMax && OUTCOME_CLASSES[failure.class].retried) {
    draft.emit('ToolCallFailed', { step, attempt, failure, latencyMs: result.latencyMs });
    return scheduleRetry(draft, step, failure, result.jitter);
  }
  const output = draft.content(`Error: ${failure.message}`);
  draft.emit('ToolCallFailed', { step, attempt, failure, output, latencyMs: result.latencyMs });
  for (const joined of joinedTo(draft, step)) draft.emit('ToolCallFailed', { step: joined.step, attempt: joined.attempt, failure, output: { hash: output.hash }, latencyMs: result.latencyMs });
  advance(draft);
}

export function reconcileEffect(draft: Draft, step: number, outcome: { applied: true; output: string } | { applied: false; reason: string }): boolean {
  const open = draft.active?.open.find((candidate) => candidate.step === step);
  if (open?.kind !== 'tool' || !open.unknown) return false;
  const output = draft.content(outcome.applied ? outcome.output : `Error: the call had no effect: ${outcome.reason}`);
  draft.emit('EffectReconciled', { step, by: 'person', outcome: outcome.applied ? { applied: true, output } : { applied: false, output, reason: outcome.reason } });
  for (const joined of joinedTo(draft, step)) draft.emit('ToolCallCompleted', { step: joined.step, attempt: joined.attempt, output: { hash: output.hash }, latencyMs: 0 });
  advance(draft);
  return true;
}

/** The worker of these attempts is gone. What may be repeated is given again; what may not is in doubt. */
export function loseAttempts(draft: Draft, attempts: readonly AttemptRef[]): Outcome {
  let lost = 0;
  for (const ref of attempts) {
    const open = draft.active?.open.find((candidate) => candidate.step === ref.step && candidate.attempt === ref.attempt);
    if (open === undefined || !isUnderWay(open)) continue;
    lost++;
    draft.emit('AttemptLost', { step: ref.step, attempt: ref.attempt });
    if (open.kind === 'tool' && open.effect === 'once' && open.dispatched) draft.emit('EffectUnknown', { step: ref.step, attempt: ref.attempt, reason: 'The worker was lost while the call was under way.' });
    else if (draft.active?.ending === undefined) giveAgain(draft, ref.step);
  }
  return lost === 0 ? 'duplicate' : 'applied';
}

/** A new attempt of an open step, with an id of its own and, for effects, the same key. */
export function giveAgain(draft: Draft, step: number): void {
  const run = draft.active;
  const open = run?.open.find((candidate) => candidate.step === step);
  if (run === undefined || open === undefined) return;
  const attempt = open.attempt + 1;
  if (open.losses >= LOSSES_MAX) {
    const failure: Failure = { class: 'internal', origin: 'orchestration', code: 'attempt/lost-too-often', message: `Step ${step} lost its worker ${open.losses} times. Look at what it does to its worker before starting the run again.` };
    return draft.emit('RunFailed', { reason: failure.code, failure });
  }
  if (open.kind === 'model') {
    return draft.emit('ModelCallRequested', { step, attempt, model: run.agent.model.name, messages: open.messages, context: run.context.digest, deadlineAt: draft.time + run.agent.limits.modelTimeoutMs });
  }
  const timeoutMs = run.agent.tools.find((tool) => tool.name === open.tool)?.timeoutMs ?? run.agent.limits.modelTimeoutMs;
  draft.emit('ToolCallRequested', {
    step, attempt, tool: open.tool, message: open.message, call: open.call, effect: open.effect, ...(open.key === undefined ? {} : { key: open.key }), deadlineAt: draft.time + timeoutMs,
  });
  if (open.effect !== 'none') draft.emit('ToolCallDispatched', { step, attempt, worker: draft.envelope.worker });
}

/** Everything that is due by now: the run's deadline, attempts that took too long, retries. */
export function fireTimers(draft: Draft): Outcome {
  const run = draft.active;
  if (run === undefined) return 'duplicate';
  if (run.ending === undefined && run.deadlineAt !== undefined && run.deadlineAt <= draft.time) {
    draft.emit('TimerFired', { timer: 'deadline' });
    draft.emit('RunExpired', { reason: 'deadline' });
  }
  for (const open of draft.active?.open ?? []) {
    if (draft.active === undefined) break;
    if (open.retryAt !== undefined) {
      if (open.retryAt > draft.time || draft.active.paused || draft.active.ending !== undefined) continue;
      draft.emit('TimerFired', { timer: 'retry', step: open.step });
      giveAgain(draft, open.step);
    } else if (isUnderWay(open) && open.deadlineAt <= draft.time) giveUp(draft, open);
  }
  return draft.events.length === 0 ? 'duplicate' : 'applied';
}

function giveUp(draft: Draft, open: OpenStep): void {
  draft.emit('TimerFired', { timer: 'attempt', step: open.step });
  const origin = open.kind === 'model' ? 'model' : 'tool';
  const failure: Failure = { class: 'timeout', origin, code: `${origin}/timeout`, message: `No answer came before the attempt's deadline.` };
  const result = { latencyMs: 0, jitter: 0.5, outcomeUnknown: true };
  if (open.kind === 'model') modelFailed(draft, open, failure, result);
  else toolFailed(draft, open, failure, result);
}

function mayRetry(run: ActiveRun, step: number, failure: Failure): boolean {
  const failures = run.open.find((open) => open.step === step)?.failures ?? 0;
  return OUTCOME_CLASSES[failure.class].retried && failures < run.agent.limits.attemptsMax;
}

function scheduleRetry(draft: Draft, step: number, failure: Failure, jitter: number): void {
  const open = draft.active?.open.find((candidate) => candidate.step === step);
  if (open === undefined) return;
  const backoffMs = Math.min(RETRY_MS_MAX, RETRY_BASE_MS * 2 ** (open.failures - 1)) * (0.5 + jitter / 2);
  draft.emit('RetryScheduled', { step, attempt: open.attempt + 1, failure, at: draft.time + Math.round(Math.max(backoffMs, failure.retryAfterMs ?? 0)) });
}

function joinedTo(draft: Draft, step: number): readonly OpenToolStep[] {
  return (draft.active?.open ?? []).filter((open): open is OpenToolStep => open.kind === 'tool' && open.joins === step);
}

/** A result that nobody waits for: its cost counts once, if its attempt was given up; else it has been here before. */
function late(draft: Draft, ref: AttemptRef, usage: Usage | undefined): Outcome {
  const { state } = draft;
  if (state.status === 'absent' || !state.lost.some((lost) => lost.step === ref.step && lost.attempt === ref.attempt)) return 'duplicate';
  draft.emit('LateResultRecorded', { step: ref.step, attempt: ref.attempt, ...(usage === undefined ? {} : { usage }) });
  return 'applied';
}
