/** Commands as a spec writes them. */
import type { AgentPolicy, AssistantContent, Failure, Metadata, RunCommand, Usage } from '@runledger/contracts';
import { BRIEFING, DESK } from './agents.ts';
import { LATENCY_MS, USAGE } from './facts.ts';

export const failureOf = (failureClass: Failure['class'], more: Partial<Failure> = {}): Failure => ({ class: failureClass, origin: 'tool', code: `tool/${failureClass}`, message: `It was ${failureClass}.`, ...more });

export const start = (agent: AgentPolicy = DESK, input = 'Hello', more: { key?: string; metadata?: Metadata } = {}): RunCommand => ({ type: 'StartRun', agent, briefing: BRIEFING, input, ...more });
export const provide = (input: string, inputId: string, final?: true): RunCommand => ({ type: 'ProvideInput', input, inputId, ...(final && { final }) });
export const cancel = (reason?: string): RunCommand => ({ type: 'CancelRun', ...(reason !== undefined && { reason }) });
export const pause = (reason?: string): RunCommand => ({ type: 'PauseRun', ...(reason !== undefined && { reason }) });
export const resume = (): RunCommand => ({ type: 'ResumeRun' });
export const reconcileApplied = (step: number, output: string): RunCommand => ({ type: 'ReconcileEffect', step, outcome: { applied: true, output } });
export const reconcileNotApplied = (step: number, reason: string): RunCommand => ({ type: 'ReconcileEffect', step, outcome: { applied: false, reason } });

export interface Told {
  readonly attempt?: number;
  /** 0–1; at 1 a retry waits for the whole backoff. */
  readonly jitter?: number;
  readonly usage?: Usage;
  readonly outcomeUnknown?: boolean;
}

export const modelAnswers = (step: number, message: AssistantContent, { attempt = 1, usage = USAGE }: Told = {}): RunCommand => ({ type: 'CompleteModelCall', step, attempt, message, usage, latencyMs: LATENCY_MS });
export const modelFails = (step: number, failure: Failure, { attempt = 1, jitter = 1, usage }: Told = {}): RunCommand => ({ type: 'FailModelCall', step, attempt, failure, ...(usage && { usage }), latencyMs: LATENCY_MS, jitter });
export const toolAnswers = (step: number, output: string, attempt = 1): RunCommand => ({ type: 'CompleteToolCall', step, attempt, output, latencyMs: LATENCY_MS });
export const toolFails = (step: number, failure: Failure, { attempt = 1, jitter = 1, outcomeUnknown }: Told = {}): RunCommand => ({
  type: 'FailToolCall', step, attempt, failure, ...(outcomeUnknown !== undefined && { outcomeUnknown }), latencyMs: LATENCY_MS, jitter,
});
/** Each as [step, attempt]. */
export const lose = (...attempts: readonly (readonly [step: number, attempt: number])[]): RunCommand => ({ type: 'LoseAttempts', attempts: attempts.map(([step, attempt]) => ({ step, attempt })) });
export const fireTimers = (): RunCommand => ({ type: 'FireTimers' });
