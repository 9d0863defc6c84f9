/** Failures of model calls, within the limits that the log sets. */
import type { Failure, OutcomeClass, Usage } from '@runledger/contracts';
import type { ModelResult } from '@runledger/runtime';

const MESSAGE_CHARACTERS_MAX = 4_000;

export type FailedModel = Extract<ModelResult, { outcome: 'failed' }>;

export interface FailureFacts {
  readonly origin?: Failure['origin'] | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly usage?: Usage | undefined;
}

/** `code` is `noun/reason`. The origin is the model unless another is given. */
export function failedModel(outcomeClass: OutcomeClass, code: string, message: string, { origin = 'model', retryAfterMs, usage }: FailureFacts = {}): FailedModel {
  return {
    outcome: 'failed',
    failure: { class: outcomeClass, origin, code, message: message.slice(0, MESSAGE_CHARACTERS_MAX), ...(retryAfterMs !== undefined && { retryAfterMs }) },
    ...(usage !== undefined && { usage }),
  };
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)) || 'no message was given';
}
