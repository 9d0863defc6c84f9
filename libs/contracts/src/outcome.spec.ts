import { describe, expect, it } from 'vitest';
import { OUTCOME_CLASSES, failure, outcomeClass } from './outcome.ts';

const retried = Object.entries(OUTCOME_CLASSES).flatMap(([name, { retried: again }]) => (again ? [name] : []));

describe('the outcome classes', () => {
  it('are fixed words', () => {
    expect(outcomeClass.options).toEqual([
      'timeout', 'rate_limited', 'transient_upstream', 'validation', 'authorization', 'duplicate', 'already_applied', 'effect_unknown', 'budget_exceeded', 'policy_denied', 'cancelled', 'internal',
    ]);
  });

  it('are tried again only where trying again may help', () => {
    expect(retried).toEqual(['timeout', 'rate_limited', 'transient_upstream']);
  });
});

describe('a failure', () => {
  const fine = { class: 'timeout', origin: 'tool', code: 'tool/timeout', message: 'No answer.' };
  it.each([fine, { ...fine, retryAfterMs: 0 }, { ...fine, message: '' }])('may be %j', (value) => {
    expect(failure.safeParse(value).success).toBe(true);
  });
  it.each([{ ...fine, class: 'oops' }, { ...fine, origin: 'moon' }, { ...fine, code: '' }, { ...fine, retryAfterMs: -1 }, { ...fine, retryAfterMs: 1.5 }, { ...fine, message: 'x'.repeat(4001) }, { ...fine, more: 1 }])('may not be %j', (value) => {
    expect(failure.safeParse(value).success).toBe(false);
  });
});
