/** The fixed words for how work ended, and what the platform does about each. One table, used everywhere. */
import { z } from 'zod';

export const OUTCOME_CLASSES = {
  timeout: { retried: true },
  rate_limited: { retried: true },
  transient_upstream: { retried: true },
  validation: { retried: false },
  authorization: { retried: false },
  duplicate: { retried: false },
  already_applied: { retried: false },
  effect_unknown: { retried: false },
  budget_exceeded: { retried: false },
  policy_denied: { retried: false },
  cancelled: { retried: false },
  internal: { retried: false },
} as const satisfies Record<string, { retried: boolean }>;

export type OutcomeClass = keyof typeof OUTCOME_CLASSES;
export const outcomeClass = z.enum(Object.keys(OUTCOME_CLASSES) as [OutcomeClass, ...OutcomeClass[]]);

/** Where a failure arose. */
export const failureOrigin = z.enum(['model', 'tool', 'orchestration', 'policy', 'person']);

/** How a call failed. `code` is `noun/reason`; `retryAfterMs` is what the other side asked for. */
export const failure = z.strictObject({
  class: outcomeClass,
  origin: failureOrigin,
  code: z.string().min(1).max(100),
  message: z.string().max(4000),
  retryAfterMs: z.number().int().nonnegative().optional(),
});
export type Failure = z.infer<typeof failure>;
