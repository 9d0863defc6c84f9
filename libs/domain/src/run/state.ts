/** What the log says about a run. Everything here follows from its events; nothing here is kept anywhere else. */
import type { AgentPolicy, Effect, Failure, Metadata, Usage } from '@runledger/contracts';
import type { ContentIndex, Transcript } from './transcript.ts';

export interface Counts {
  readonly steps: number;
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly attempts: number;
  readonly inputs: number;
}

/** One call of the turn under way. `output` is set once the call has ended. */
export interface TurnCall {
  readonly id: string;
  readonly tool: string;
  readonly argumentsDigest?: string | undefined;
  readonly step?: number;
  readonly output?: string;
  readonly endsRun?: boolean;
}

/** A model's answer whose tool calls are being carried out. */
export interface Turn {
  readonly message: string;
  readonly calls: readonly TurnCall[];
}

interface OpenStepCommon {
  readonly step: number;
  readonly attempt: number;
  /** The attempt is given up after it; ms since 1970. */
  readonly deadlineAt: number;
  /** Set while no attempt is under way: the next one begins then. */
  readonly retryAt?: number;
  /** Attempts of this step that failed with a class that is retried. */
  readonly failures: number;
  /** Attempts of this step whose worker was lost. */
  readonly losses: number;
}

export interface OpenModelStep extends OpenStepCommon {
  readonly kind: 'model';
  /** How many messages of the transcript the call sees. */
  readonly messages: number;
}

export interface OpenToolStep extends OpenStepCommon {
  readonly kind: 'tool';
  readonly tool: string;
  readonly message: string;
  readonly call: number;
  readonly effect: Effect;
  readonly key?: string | undefined;
  readonly joins?: number | undefined;
  readonly dispatched: boolean;
  /** Dispatched, and nobody knows whether it took effect. */
  readonly unknown: boolean;
  /** An attempt failed that may have had its effect. */
  readonly inDoubt?: true;
}

export type OpenStep = OpenModelStep | OpenToolStep;

/** Equal calls with an effect: how many have an outcome that is known, and the step of the one under way. */
export interface EffectCalls {
  readonly recorded: number;
  readonly openStep?: number | undefined;
}

export interface AttemptRef {
  readonly step: number;
  readonly attempt: number;
}

interface StartedRun {
  readonly key?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly requestDigest: string;
  /** Of the inputs taken, kept after the end: the same input again is no new one. */
  readonly inputIds: readonly string[];
  readonly sequence: number;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly counts: Counts;
  readonly usage: Usage;
  /** Hash of what the run said last. */
  readonly answer?: { readonly hash: string; readonly from: 'model' | 'tool' };
  readonly contents: ContentIndex;
  /** Attempts given up whose results may still come, and cost. */
  readonly lost: readonly AttemptRef[];
}

/** How a run that is being stopped will end once its last attempt is settled. */
export interface Ending {
  readonly status: 'cancelled' | 'expired';
  readonly reason: string;
}

export interface ActiveRun extends StartedRun {
  readonly status: 'active';
  readonly agent: AgentPolicy;
  readonly briefing: string;
  readonly deadlineAt?: number | undefined;
  readonly paused: boolean;
  readonly ending?: Ending;
  readonly awaitingInput: boolean;
  readonly transcript: Transcript | undefined;
  /** Rolling digest over the first `messages` messages, as the last model call saw them. */
  readonly context: { readonly digest: string; readonly messages: number };
  /** Inputs that came while a turn was under way; they are said before the next model call. */
  readonly queued: readonly { readonly hash: string; readonly final: boolean }[];
  readonly turn?: Turn | undefined;
  readonly open: readonly OpenStep[];
  readonly effects: Readonly<Record<string, EffectCalls>>;
}

export interface EndedRun extends StartedRun {
  readonly status: 'completed' | 'failed' | 'cancelled' | 'expired';
  readonly agent: { readonly name: string; readonly version: string };
  readonly endedAt: number;
  readonly reason: string;
  readonly failure?: Failure | undefined;
}

export type Run = { readonly status: 'absent' } | ActiveRun | EndedRun;

export const ABSENT: Run = { status: 'absent' };

/** An attempt is under way: it was handed out, and its outcome is awaited. */
export function isUnderWay(step: OpenStep): boolean {
  if (step.retryAt !== undefined) return false;
  return step.kind === 'model' || (step.joins === undefined && !step.unknown);
}

/** When the run has to be looked at again though nothing comes in; ms since 1970. */
export function nextWakeAt(run: Run): number | undefined {
  if (run.status !== 'active') return undefined;
  let wakeAt = run.ending === undefined ? (run.deadlineAt ?? Infinity) : Infinity;
  for (const step of run.open) {
    if (step.retryAt !== undefined) {
      if (!run.paused) wakeAt = Math.min(wakeAt, step.retryAt);
    } else if (isUnderWay(step)) wakeAt = Math.min(wakeAt, step.deadlineAt);
  }
  return wakeAt === Infinity ? undefined : wakeAt;
}
