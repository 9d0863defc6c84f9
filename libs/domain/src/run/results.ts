/** What becomes of an attempt: its result, its failure, its loss. Retries are decided here and nowhere else. */
import { OUTCOME_CLASSES, type EventData, type Failure, type OutcomeClass, type OwnerCommand, type RunEvent, type Usage } from '@runledger/contracts';
import { type Decision } from '@runledger/event-sourcing';
import { advance } from './advance.ts';
import { argumentsMeaning } from './canonical.ts';
import { type Draft } from './draft.ts';
import { isUnderWay, type ActiveRun, type AttemptRef, type OpenStep, type OpenToolStep, type Run } from './state.ts';

type Result<Type extends OwnerCommand['type']> = Extract<OwnerCommand, { type: Type }>;
type Outcome = Decision<Run, RunEvent>['outcome'];
type Reconciler = EventData<'EffectReconciled'>['by'];

const RETRY_BASE_MS = 500;
const RETRY_MS_MAX = 60_000;
/** Nobody may ask us to wait longer than that. */
const RETRY_AFTER_MS_MAX = 86_400_000;
/** Failures after which the call may have had its effect, unless its worker is certain. */
const IN_DOUBT: readonly OutcomeClass[] = ['timeout', 'effect_unknown'];
/** Workers that died over one step: after so many the step itself is the suspect. */
const LOSSES_MAX = 100;
/** Characters of a recorded reason. */
const REASON_MAX = 1000;

/** The open step that this result is of; undefined if nobody waits for it. */
function openFor(draft: Draft, ref: AttemptRef, kind: OpenStep['kind']): OpenStep | undefined {
  const open = draft.active?.open.find((candidate) => candidate.step === ref.step && candidate.attempt === ref.attempt && candidate.kind === kind);
  const inDoubt = open?.kind === 'tool' && open.unknown;
  return open !== undefined && (isUnderWay(open) || inDoubt) ? open : undefined;
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
  if (open.unknown) return applied(draft, open, 'late-result', text, latencyMs);
  const output = draft.content(text);
  draft.emit('ToolCallCompleted', { step, attempt, output, latencyMs });
  for (const joined of joinedTo(draft, step)) draft.emit('ToolCallCompleted', { step: joined.step, attempt: joined.attempt, output: { hash: output.hash }, latencyMs });
  advance(draft);
}

export function failToolCall(draft: Draft, command: Result<'FailToolCall'>): Outcome {
  const open = openFor(draft, command, 'tool');
  if (open?.kind !== 'tool') return late(draft, command, undefined);
  const { failure } = command;
  const outcomeUnknown = command.outcomeUnknown ?? IN_DOUBT.includes(failure.class);
  if (failure.class === 'already_applied') toolCompleted(draft, open, failure.message, command.latencyMs);
  else if (!open.unknown) toolFailed(draft, open, failure, { ...command, outcomeUnknown });
  else if (outcomeUnknown) return 'duplicate';
  else notApplied(draft, open, 'late-result', failure.message.slice(0, REASON_MAX));
  return 'applied';
}

function toolFailed(draft: Draft, open: OpenToolStep, failure: Failure, result: { latencyMs: number; jitter: number; outcomeUnknown: boolean }): void {
  const { step, attempt } = open;
  if (open.effect === 'once' && result.outcomeUnknown) return draft.emit('EffectUnknown', { step, attempt, reason: failure.message.slice(0, REASON_MAX) });
  const doubt = open.effect === 'idempotent' && result.outcomeUnknown ? { outcomeUnknown: true as const } : {};
  const run = draft.active;
  if (open.effect !== 'once' && run !== undefined && run.ending === undefined && open.failures + 1 < run.agent.limits.attemptsMax && OUTCOME_CLASSES[failure.class].retried) {
    draft.emit('ToolCallFailed', { step, attempt, failure, latencyMs: result.latencyMs, ...doubt });
    return scheduleRetry(draft, step, failure, result.jitter);
  }
  const output = draft.content(`Error: ${failure.message}`);
  draft.emit('ToolCallFailed', { step, attempt, failure, output, latencyMs: result.latencyMs, ...doubt });
  for (const joined of joinedTo(draft, step)) draft.emit('ToolCallFailed', { step: joined.step, attempt: joined.attempt, failure, output: { hash: output.hash }, latencyMs: result.latencyMs, ...doubt });
  advance(draft);
}

export function reconcileEffect(draft: Draft, step: number, outcome: { applied: true; output: string } | { applied: false; reason: string }): boolean {
  const open = draft.active?.open.find((candidate) => candidate.step === step);
  if (open?.kind !== 'tool' || !open.unknown) return false;
  if (outcome.applied) applied(draft, open, 'person', outcome.output, 0);
  else notApplied(draft, open, 'person', outcome.reason);
  return true;
}

function applied(draft: Draft, open: OpenToolStep, by: Reconciler, text: string, latencyMs: number): void {
  const output = draft.content(text);
  draft.emit('EffectReconciled', { step: open.step, by, outcome: { applied: true, output } });
  for (const joined of joinedTo(draft, open.step)) draft.emit('ToolCallCompleted', { step: joined.step, attempt: joined.attempt, output: { hash: output.hash }, latencyMs });
  advance(draft);
}

function notApplied(draft: Draft, open: OpenToolStep, by: Reconciler, reason: string): void {
  const message = `the call had no effect: ${reason}`;
  const output = draft.content(`Error: ${message}`);
  draft.emit('EffectReconciled', { step: open.step, by, outcome: { applied: false, output, reason } });
  const failure: Failure = { class: 'effect_unknown', origin: by === 'person' ? 'person' : 'tool', code: 'effect/not-applied', message };
  for (const joined of joinedTo(draft, open.step)) draft.emit('ToolCallFailed', { step: joined.step, attempt: joined.attempt, failure, output: { hash: output.hash }, latencyMs: 0 });
  advance(draft);
}

const LOST_WHILE_PAUSED: Failure = { class: 'transient_upstream', origin: 'orchestration', code: 'attempt/lost', message: 'The worker was lost while the run was paused.' };

/** The worker of these attempts is gone. What may be repeated is given again; what may not is in doubt. */
export function loseAttempts(draft: Draft, attempts: readonly AttemptRef[]): Outcome {
  let lost = 0;
  for (const ref of attempts) {
    const open = draft.active?.open.find((candidate) => candidate.step === ref.step && candidate.attempt === ref.attempt);
    if (open === undefined || !isUnderWay(open)) continue;
    lost++;
    draft.emit('AttemptLost', { step: ref.step, attempt: ref.attempt });
    if (open.kind === 'tool' && open.effect === 'once' && open.dispatched) draft.emit('EffectUnknown', { step: ref.step, attempt: ref.attempt, reason: 'The worker was lost while the call was under way.' });
    else if (draft.active?.ending !== undefined) continue;
    else if (draft.active?.paused === true) draft.emit('RetryScheduled', { step: ref.step, attempt: ref.attempt + 1, failure: LOST_WHILE_PAUSED, at: draft.time });
    else giveAgain(draft, ref.step);
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
    return open.kind === 'tool' ? toolFailed(draft, open, failure, { latencyMs: 0, jitter: 0, outcomeUnknown: false }) : draft.emit('RunFailed', { reason: failure.code, failure });
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
  const askedMs = Math.min(failure.retryAfterMs ?? 0, RETRY_AFTER_MS_MAX);
  draft.emit('RetryScheduled', { step, attempt: open.attempt + 1, failure, at: draft.time + Math.round(Math.max(backoffMs, askedMs)) });
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
