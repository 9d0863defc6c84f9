/** The fold of a run's events. Total and pure: an event that stands in the log is a fact, and is never refused. */
import type { EventData, EventType, RunEvent, Usage } from '@runledger/contracts';
import { type ActiveRun, type EndedRun, type OpenStep, type OpenToolStep, type Run, type TurnCall } from './state.ts';
import { NO_CONTENTS, placeOf, say, withContent, type ContentIndex, type Transcript } from './transcript.ts';

type Evolve<Type extends EventType> = (run: ActiveRun, data: EventData<Type>, time: number) => Run;

export function evolve(run: Run, event: RunEvent, time: number): Run {
  if (run.status === 'absent') return event.type === 'RunStarted' ? started(event.data, time) : run;
  if (run.status !== 'active') return afterEnd(run, event, time);
  const next = (EVOLVERS[event.type] as Evolve<EventType>)(run, event.data, time);
  return settled({ ...next, sequence: run.sequence + 1, updatedAt: time } as Run, time);
}

function started(data: EventData<'RunStarted'>, time: number): ActiveRun {
  const contents = placed(placed(NO_CONTENTS, data.briefing, 1), data.input, 1);
  return {
    status: 'active', agent: data.agent, briefing: data.briefing.hash, key: data.key, metadata: data.metadata, requestDigest: data.requestDigest,
    deadlineAt: data.deadlineAt, sequence: 1, startedAt: time, updatedAt: time, paused: false, awaitingInput: false,
    transcript: say(undefined, { role: 'user', hash: data.input.hash }), context: { digest: data.briefing.hash, messages: 0 }, contents,
    queued: [], inputIds: [], open: [], effects: {}, lost: [],
    counts: { steps: 0, modelCalls: 0, toolCalls: 0, attempts: 0, inputs: 1 }, usage: { inputTokens: 0, outputTokens: 0 },
  };
}

/** A run that has ended takes nothing but costs that come late. */
function afterEnd(run: EndedRun, event: RunEvent, time: number): EndedRun {
  const next = { ...run, sequence: run.sequence + 1, updatedAt: time };
  if (event.type !== 'LateResultRecorded') return next;
  return { ...next, usage: sum(run.usage, event.data.usage), lost: without(run.lost, event.data) };
}

const EVOLVERS: { readonly [Type in EventType]: Evolve<Type> } = {
  RunStarted: (run) => run,
  InputReceived: (run, data) => ({
    ...run, contents: placed(run.contents, data.input, run.sequence + 1), awaitingInput: false, inputIds: [...run.inputIds, data.inputId],
    queued: [...run.queued, { hash: data.input.hash, final: data.final === true }], counts: { ...run.counts, inputs: run.counts.inputs + 1 },
  }),
  InputRequested: (run) => ({ ...run, awaitingInput: true }),
  ModelCallRequested: (run, data) => {
    const { counts } = run;
    if (data.attempt > 1) return { ...reopened(run, data), counts: { ...counts, attempts: counts.attempts + 1 } };
    return {
      ...withQueuedSaid(run), context: { digest: data.context, messages: data.messages },
      open: [...run.open, { kind: 'model', step: data.step, attempt: 1, deadlineAt: data.deadlineAt, failures: 0, losses: 0, messages: data.messages }],
      counts: { ...counts, steps: counts.steps + 1, modelCalls: counts.modelCalls + 1, attempts: counts.attempts + 1 },
    };
  },
  ModelCallCompleted: (run, data) => ({
    ...closed(run, data.step), contents: placed(run.contents, data.message, run.sequence + 1), usage: sum(run.usage, data.usage),
    transcript: say(run.transcript, { role: 'assistant', hash: data.message.hash }), answer: { hash: data.message.hash, from: 'model' },
    turn: data.calls === undefined ? undefined : { message: data.message.hash, calls: data.calls },
  }),
  ModelCallFailed: (run, data) => ({ ...failedAttempt(run, data.step), usage: sum(run.usage, data.usage) }),
  ToolCallRequested: (run, data) => {
    const { counts } = run;
    const attempts = counts.attempts + (data.joins === undefined ? 1 : 0);
    if (data.attempt > 1) return { ...reopened(run, data), counts: { ...counts, attempts } };
    const step: OpenToolStep = {
      kind: 'tool', step: data.step, attempt: 1, deadlineAt: data.deadlineAt, failures: 0, losses: 0, tool: data.tool, message: data.message, call: data.call,
      effect: data.effect, key: data.key, joins: data.joins, dispatched: false, unknown: false,
    };
    return {
      ...withCall(run, data.call, { step: data.step }), open: [...run.open, step], effects: data.joins === undefined ? effectOpened(run, data.call, data.step) : run.effects,
      counts: { ...counts, steps: counts.steps + 1, toolCalls: counts.toolCalls + 1, attempts },
    };
  },
  ToolCallDispatched: (run, data) => withOpen(run, data.step, (step) => (step.kind === 'tool' ? { ...step, dispatched: true } : step)),
  ToolCallCompleted: (run, data) => ended(run, data.step, data.output, true),
  ToolCallFailed: (run, data) => {
    const doubted = data.outcomeUnknown === true ? withOpen(run, data.step, (step) => (step.kind === 'tool' ? { ...step, inDoubt: true } : step)) : run;
    return data.output === undefined ? failedAttempt(doubted, data.step) : ended(doubted, data.step, data.output, false);
  },
  ToolCallDenied: (run, data) => {
    const answered = { ...run, contents: placed(run.contents, data.output, run.sequence + 1), counts: { ...run.counts, steps: run.counts.steps + 1, toolCalls: run.counts.toolCalls + 1 } };
    return turnClosed(withCall(answered, data.call, { step: data.step, output: data.output.hash }));
  },
  AttemptLost: (run, data) => ({ ...(run.ending === undefined ? withOpen(run, data.step, (step) => ({ ...step, losses: step.losses + 1 })) : closedUnlessUnknown(run, data.step)), lost: [...run.lost, { step: data.step, attempt: data.attempt }] }),
  RetryScheduled: (run, data) => withOpen(run, data.step, (step) => ({ ...step, retryAt: data.at })),
  TimerFired: (run, data) => {
    const step = data.timer === 'attempt' ? run.open.find((open) => open.step === data.step) : undefined;
    return step === undefined ? run : { ...run, lost: [...run.lost, { step: step.step, attempt: step.attempt }] };
  },
  EffectUnknown: (run, data) => withOpen(run, data.step, (step) => (step.kind === 'tool' ? { ...step, unknown: true } : step)),
  EffectReconciled: (run, data) => {
    const attempt = run.open.find((open) => open.step === data.step)?.attempt ?? 0;
    const lost = data.by === 'late-result' ? without(run.lost, { step: data.step, attempt }) : run.lost;
    return ended({ ...run, lost }, data.step, data.outcome.output, data.outcome.applied);
  },
  LateResultRecorded: (run, data) => ({ ...run, usage: sum(run.usage, data.usage), lost: without(run.lost, data) }),
  RunPaused: (run) => ({ ...run, paused: true }),
  RunResumed: (run) => ({ ...run, paused: false }),
  RunCancelled: (run, data) => stopping(run, 'cancelled', data.reason ?? 'cancelled'),
  RunExpired: (run, data) => stopping(run, 'expired', data.reason),
  RunCompleted: (run, data, time) => endedRun(run, 'completed', data.reason, time),
  RunFailed: (run, data, time) => ({ ...endedRun(run, 'failed', data.reason, time), failure: data.failure }),
};

/** A run that is being stopped has ended as soon as nothing of it is open. */
function settled(run: Run, time: number): Run {
  return run.status === 'active' && run.ending !== undefined && run.open.length === 0 ? endedRun(run, run.ending.status, run.ending.reason, time) : run;
}

/** Nothing new begins; steps that wait for a retry will not get it. */
function stopping(run: ActiveRun, status: 'cancelled' | 'expired', reason: string): ActiveRun {
  return { ...run, ending: { status, reason }, awaitingInput: false, open: withFirsts(run.open.filter((step) => step.retryAt === undefined)) };
}

function endedRun(run: ActiveRun, status: EndedRun['status'], reason: string, time: number): EndedRun {
  const { key, metadata, requestDigest, inputIds, sequence, startedAt, updatedAt, counts, usage, answer, contents, lost } = run;
  const place = answer === undefined ? undefined : placeOf(contents, answer.hash);
  const kept = answer === undefined || place === undefined ? NO_CONTENTS : withContent(NO_CONTENTS, answer.hash, place);
  return {
    status, reason, key, metadata, requestDigest, inputIds, sequence, startedAt, updatedAt, endedAt: time, counts, usage, lost, contents: kept,
    agent: { name: run.agent.name, version: run.agent.version }, ...(answer === undefined ? {} : { answer }),
  };
}

/** The inputs that waited are said, in the order in which they came. */
export function withQueuedSaid(run: ActiveRun): ActiveRun {
  if (run.queued.length === 0) return run;
  const transcript = run.queued.reduce<Transcript | undefined>((said, input) => say(said, { role: 'user', hash: input.hash }), run.transcript);
  return { ...run, transcript, queued: [] };
}

function placed(contents: ContentIndex, content: { readonly hash: string; readonly body?: unknown }, sequence: number): ContentIndex {
  return content.body === undefined ? contents : withContent(contents, content.hash, sequence);
}

function withOpen(run: ActiveRun, step: number, change: (step: OpenStep) => OpenStep): ActiveRun {
  return { ...run, open: run.open.map((open) => (open.step === step ? change(open) : open)) };
}

function closed(run: ActiveRun, step: number): ActiveRun {
  return { ...run, open: run.open.filter((open) => open.step !== step) };
}

/** A lost effect `once` stays open while a run is stopped: its outcome is still owed. */
function closedUnlessUnknown(run: ActiveRun, step: number): ActiveRun {
  const open = run.open.find((candidate) => candidate.step === step);
  if (open?.kind === 'tool' && open.effect === 'once' && open.dispatched) return run;
  const rest = closed(run, step);
  return { ...rest, open: withFirsts(rest.open) };
}

/** Without the calls that had joined one which brings no outcome any more. */
function withFirsts(open: ActiveRun['open']): ActiveRun['open'] {
  return open.filter((step) => step.kind === 'model' || step.joins === undefined || open.some((first) => first.step === step.joins));
}

/** The step stays open for another attempt; a run that is being stopped makes none. */
function failedAttempt(run: ActiveRun, step: number): ActiveRun {
  return run.ending === undefined ? withOpen(run, step, (open) => ({ ...open, failures: open.failures + 1 })) : closed(run, step);
}

function reopened(run: ActiveRun, data: { readonly step: number; readonly attempt: number; readonly deadlineAt: number }): ActiveRun {
  return withOpen(run, data.step, (open) => {
    const { retryAt: _over, ...rest } = open;
    return { ...rest, attempt: data.attempt, deadlineAt: data.deadlineAt };
  });
}

function withCall(run: ActiveRun, index: number, change: Partial<TurnCall>): ActiveRun {
  if (run.turn === undefined) return run;
  return { ...run, turn: { ...run.turn, calls: run.turn.calls.map((call, k) => (k === index ? { ...call, ...change } : call)) } };
}

function ended(run: ActiveRun, step: number, output: { readonly hash: string; readonly body?: string | undefined }, succeeded: boolean): ActiveRun {
  const open = run.open.find((candidate) => candidate.step === step);
  const next = { ...closed(run, step), contents: placed(run.contents, output, run.sequence + 1) };
  if (open?.kind !== 'tool') return next;
  const policy = run.agent.tools.find((tool) => tool.name === open.tool);
  const endsRun = succeeded && policy?.endsRun === true;
  const inDoubt = !succeeded && open.effect === 'idempotent' && policy?.repeatable !== true && (open.inDoubt === true || open.losses > 0);
  const effects = open.key !== undefined && open.joins === undefined ? effectEnded(run, open, inDoubt ? 0 : 1) : run.effects;
  return turnClosed(withCall({ ...next, effects }, open.call, { output: output.hash, ...(endsRun ? { endsRun } : {}) }));
}

/** Once every call of the turn has its output, they are said in the order of the calls. */
function turnClosed(run: ActiveRun): ActiveRun {
  const { turn } = run;
  if (turn === undefined || turn.calls.some((call) => call.output === undefined)) return run;
  const transcript = turn.calls.reduce((said, call) => say(said, { role: 'tool', hash: call.output ?? '', callId: call.id, tool: call.tool }), run.transcript);
  const last = turn.calls.findLast((call) => call.endsRun === true);
  return last?.output === undefined ? { ...run, transcript, turn: undefined } : { ...run, transcript, answer: { hash: last.output, from: 'tool' } };
}

function effectOpened(run: ActiveRun, call: number, step: number): ActiveRun['effects'] {
  const digest = run.turn?.calls[call]?.argumentsDigest;
  return digest === undefined ? run.effects : { ...run.effects, [digest]: { recorded: run.effects[digest]?.recorded ?? 0, openStep: step } };
}

/** A call that ended in doubt is not counted: the next equal one has its key, so that what did happen does not happen twice. */
function effectEnded(run: ActiveRun, open: OpenToolStep, counted: 0 | 1): ActiveRun['effects'] {
  const digest = run.turn?.calls[open.call]?.argumentsDigest;
  if (digest === undefined) return run.effects;
  const before = run.effects[digest];
  return { ...run.effects, [digest]: { recorded: (before?.recorded ?? 0) + counted, openStep: before?.openStep === open.step ? undefined : before?.openStep } };
}

function sum(a: Usage, b: Usage | undefined): Usage {
  if (b === undefined) return a;
  const optional = (name: 'cacheReadTokens' | 'cacheWriteTokens' | 'reasoningTokens') => (a[name] === undefined && b[name] === undefined ? {} : { [name]: (a[name] ?? 0) + (b[name] ?? 0) });
  return { inputTokens: a.inputTokens + b.inputTokens, outputTokens: a.outputTokens + b.outputTokens, ...optional('cacheReadTokens'), ...optional('cacheWriteTokens'), ...optional('reasoningTokens') };
}

function without(lost: ActiveRun['lost'], ref: { readonly step: number; readonly attempt: number }): ActiveRun['lost'] {
  return lost.filter((candidate) => candidate.step !== ref.step || candidate.attempt !== ref.attempt);
}
