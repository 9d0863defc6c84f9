/** What is told of a step and its attempts, in words. */
import type { Failure } from '@runledger/sdk';
import { duration } from '../terminal/quantities.ts';
import { shortened } from '../terminal/text.ts';
import type { Attempt, ModelStep, Step, ToolStep } from './entries.ts';

/** Of the columns for the text of a tool call: no more for its arguments, so that its result is seen too. */
const ARGUMENTS_SHARE = 0.45;

/** What was said, called or returned, in so many columns. */
export function shortText(step: Step, cellsMax: number): string {
  return shortened(step.kind === 'model' ? modelText(step) : toolText(step, cellsMax), cellsMax);
}

function modelText(step: ModelStep): string {
  const outcome = outcomeText(step);
  if (outcome !== undefined) return outcome;
  const calls = (step.calls ?? []).map((call) => `→ ${call.tool} ${call.arguments}`);
  return [step.text ?? '', ...calls].filter(Boolean).join(' ') || '(nothing said)';
}

function toolText(step: ToolStep, cellsMax: number): string {
  const joined = step.joins === undefined ? '' : `(joins step ${step.joins}) `;
  const given = step.arguments === undefined ? '' : `${shortened(step.arguments, Math.floor(cellsMax * ARGUMENTS_SHARE))} `;
  return `${joined}${given}→ ${outcomeText(step) ?? resultText(step)}`;
}

function resultText({ status, code, output = '', attempts }: ToolStep): string {
  const failure = attempts.at(-1)?.failure;
  const why = status === 'denied' ? code : status === 'failed' ? failure?.class : undefined;
  // Without an output the model was not told: the run ended over it.
  return why === undefined ? output : `[${why}] ${output === '' ? (failure?.message ?? '') : output}`;
}

/** Of a step without a result; undefined if it has one. */
function outcomeText(step: Step): string | undefined {
  const last = step.attempts.at(-1);
  switch (step.status) {
    case 'open': return 'no outcome yet';
    case 'lost': return 'its worker is gone';
    case 'unknown': return `outcome unknown: ${last?.unknown ?? ''}`;
    case 'retry': return last?.failure === undefined ? 'is tried again' : reasonOf(last.failure);
    case 'failed': return step.kind === 'model' && last?.failure !== undefined ? reasonOf(last.failure) : undefined;
    case 'ok':
    case 'denied':
    case 'applied':
    case 'not applied': return undefined;
  }
}

export function reasonOf({ class: outcome, code, message }: Failure): string {
  return `[${outcome}] ${message} (${code})`;
}

/** What happened to a step besides its outcome: attempts that came to nothing, and what became of an unknown effect. */
export function asides(step: Step): string[] {
  const last = step.attempts.at(-1);
  const told = step.attempts.flatMap((attempt) => {
    const isOutcome = attempt === last && attempt.status === step.status;
    return [isOutcome ? '' : attemptText(attempt), retryText(attempt), lateText(attempt)];
  });
  return [...told, reconciledText(step)].filter(Boolean);
}

/** Empty if there is nothing to tell: the attempt is under way, or has succeeded. */
export function attemptText({ attempt, status, latencyMs, failure, unknown }: Attempt): string {
  if (status === 'lost') return `attempt ${attempt} lost: its worker is gone`;
  if (status === 'unknown') return `attempt ${attempt}: outcome unknown: ${unknown ?? ''}`;
  if (status !== 'failed') return '';
  return `attempt ${attempt} failed${latencyMs === undefined ? '' : ` after ${duration(latencyMs)}`}${failure === undefined ? '' : `: ${reasonOf(failure)}`}`;
}

export function retryText({ attempt, retryAt, failedAt }: Attempt): string {
  if (retryAt === undefined || failedAt === undefined) return '';
  return `attempt ${attempt + 1} due ${duration(retryAt - Date.parse(failedAt))} later`;
}

export function lateText({ attempt, late }: Attempt): string {
  return late === undefined ? '' : `a late result of attempt ${attempt}: its cost counts, its content does not`;
}

export function reconciledText(step: Step): string {
  if (step.kind !== 'tool' || step.reconciled === undefined) return '';
  const { by, reason } = step.reconciled;
  const who = by === 'person' ? 'a person' : 'the late result';
  return reason === undefined ? `reconciled by ${who}: it took effect` : `reconciled by ${who}: it had no effect: ${reason}`;
}
