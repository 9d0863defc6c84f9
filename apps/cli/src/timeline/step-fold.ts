/** The events of steps. An event about a step that never began changes nothing: it cannot be shown, and is no reason to fail. */
import type { EventData, Usage } from '@runledger/contracts';
import type { Contents } from './contents.ts';
import { NOTHING, type Attempt, type Change, type ModelStep, type Step, type ToolStep } from './entries.ts';

const UNSETTLED = new Set<Step['status']>(['open', 'retry', 'lost', 'unknown']);

export class StepFold {
  readonly #steps = new Map<number, Step>();
  readonly #contents: Contents;
  readonly #begin: (step: Step) => void;

  constructor(contents: Contents, begin: (step: Step) => void) {
    this.#contents = contents;
    this.#begin = begin;
  }

  get unsettled(): readonly Step[] {
    return [...this.#steps.values()].filter(({ status }) => UNSETTLED.has(status));
  }

  modelRequested(data: EventData<'ModelCallRequested'>, at: string): Change {
    const step = this.#steps.get(data.step) ?? this.#began({ kind: 'model', step: data.step, name: data.model, status: 'open', attempts: [] });
    return requested(step, data.attempt, at);
  }

  modelCompleted(data: EventData<'ModelCallCompleted'>): Change {
    const step = this.#model(data.step);
    if (step === undefined) return NOTHING;
    const { text, toolCalls } = this.#contents.message(data.message);
    step.text = text;
    if (toolCalls !== undefined && toolCalls.length > 0) step.calls = toolCalls.map((call) => ({ tool: call.tool, arguments: call.arguments }));
    if (data.model !== undefined) step.answeredBy = data.model;
    spend(step, data.usage);
    return answered(step, data);
  }

  modelFailed(data: EventData<'ModelCallFailed'>, at: string): Change {
    const step = this.#model(data.step);
    if (step === undefined) return NOTHING;
    spend(step, data.usage);
    return failed(step, data, at);
  }

  toolRequested(data: EventData<'ToolCallRequested'>, at: string): Change {
    const existing = this.#steps.get(data.step);
    if (existing !== undefined) return requested(existing, data.attempt, at);
    const text = this.#contents.argumentsOf(data.message, data.call);
    const step: ToolStep = {
      kind: 'tool', step: data.step, name: data.tool, status: 'open', attempts: [], effect: data.effect,
      ...(data.joins !== undefined && { joins: data.joins }), ...(text !== undefined && { arguments: text }),
    };
    return requested(this.#began(step), data.attempt, at);
  }

  toolDispatched(data: EventData<'ToolCallDispatched'>): Change {
    const attempt = attemptOf(this.#steps.get(data.step), data.attempt);
    if (attempt !== undefined) attempt.worker = data.worker;
    return NOTHING;
  }

  toolCompleted(data: EventData<'ToolCallCompleted'>): Change {
    const step = this.#tool(data.step);
    if (step === undefined) return NOTHING;
    step.output = this.#contents.text(data.output);
    return answered(step, data);
  }

  toolFailed(data: EventData<'ToolCallFailed'>, at: string): Change {
    const step = this.#tool(data.step);
    if (step === undefined) return NOTHING;
    const change = failed(step, data, at);
    if (data.output === undefined) return change;
    step.output = this.#contents.text(data.output);
    return { what: 'settled', step };
  }

  toolDenied(data: EventData<'ToolCallDenied'>): Change {
    const text = this.#contents.argumentsOf(data.message, data.call);
    const step = this.#began({
      kind: 'tool', step: data.step, name: data.tool, status: 'denied', attempts: [], code: data.code,
      output: this.#contents.text(data.output), ...(text !== undefined && { arguments: text }),
    });
    return { what: 'settled', step };
  }

  attemptLost(data: EventData<'AttemptLost'>): Change {
    return this.#changeAttempt(data, 'attempt', (step, attempt) => {
      attempt.status = 'lost';
      step.status = 'lost';
    });
  }

  retryScheduled(data: EventData<'RetryScheduled'>): Change {
    return this.#changeAttempt({ step: data.step, attempt: data.attempt - 1 }, 'retry', (step, attempt) => {
      attempt.retryAt = data.at;
      step.status = 'retry';
    });
  }

  effectUnknown(data: EventData<'EffectUnknown'>): Change {
    return this.#changeAttempt(data, 'attempt', (step, attempt) => {
      attempt.unknown = data.reason;
      attempt.status = 'unknown';
      step.status = 'unknown';
    });
  }

  effectReconciled({ step: number, by, outcome }: EventData<'EffectReconciled'>): Change {
    const step = this.#tool(number);
    if (step === undefined) return NOTHING;
    step.reconciled = { by, ...(!outcome.applied && { reason: outcome.reason }) };
    step.output = this.#contents.text(outcome.output);
    step.status = outcome.applied ? 'applied' : 'not applied';
    return { what: 'settled', step };
  }

  lateResult(data: EventData<'LateResultRecorded'>): Change {
    return this.#changeAttempt(data, 'attempt', (step, attempt) => {
      attempt.late = data.usage === undefined ? {} : { usage: data.usage };
      if (step.kind === 'model') spend(step, data.usage);
    });
  }

  #began<Began extends Step>(step: Began): Began {
    this.#steps.set(step.step, step);
    this.#begin(step);
    return step;
  }

  #changeAttempt(at: { step: number; attempt: number }, what: 'attempt' | 'retry', change: (step: Step, attempt: Attempt) => void): Change {
    const step = this.#steps.get(at.step);
    const attempt = attemptOf(step, at.attempt);
    if (step === undefined || attempt === undefined) return NOTHING;
    change(step, attempt);
    return { what, step, attempt };
  }

  #model(number: number): ModelStep | undefined {
    const step = this.#steps.get(number);
    return step?.kind === 'model' ? step : undefined;
  }

  #tool(number: number): ToolStep | undefined {
    const step = this.#steps.get(number);
    return step?.kind === 'tool' ? step : undefined;
  }
}

function requested(step: Step, attempt: number, at: string): Change {
  step.attempts.push({ attempt, status: 'open', requestedAt: at });
  step.status = 'open';
  return NOTHING;
}

function answered(step: Step, { attempt: number, latencyMs }: { attempt: number; latencyMs: number }): Change {
  const attempt = attemptOf(step, number);
  if (attempt !== undefined) Object.assign(attempt, { status: 'ok', latencyMs });
  step.latencyMs = latencyMs;
  step.status = 'ok';
  return { what: 'settled', step };
}

function failed(step: Step, { attempt: number, failure, latencyMs }: Pick<EventData<'ModelCallFailed'>, 'attempt' | 'failure' | 'latencyMs'>, at: string): Change {
  step.latencyMs = latencyMs;
  step.status = 'failed';
  const attempt = attemptOf(step, number);
  if (attempt === undefined) return NOTHING;
  Object.assign(attempt, { status: 'failed', failure, latencyMs, failedAt: at });
  return { what: 'attempt', step, attempt };
}

function attemptOf(step: Step | undefined, number: number): Attempt | undefined {
  return step?.attempts.find(({ attempt }) => attempt === number);
}

function spend(step: ModelStep, usage: Usage | undefined): void {
  if (usage === undefined) return;
  const sum: Usage = { ...step.usage, inputTokens: (step.usage?.inputTokens ?? 0) + usage.inputTokens, outputTokens: (step.usage?.outputTokens ?? 0) + usage.outputTokens };
  for (const name of ['cacheReadTokens', 'cacheWriteTokens', 'reasoningTokens'] as const) {
    const spent = usage[name];
    if (spent !== undefined) sum[name] = (step.usage?.[name] ?? 0) + spent;
  }
  step.usage = sum;
}
