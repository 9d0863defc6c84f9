import { describe, expect, it } from 'vitest';
import { OUTCOME_CLASSES, type OutcomeClass } from '@runledger/contracts';
import { agentWith } from '../testing/agents.ts';
import { failureOf, fireTimers, modelAnswers, modelFails, toolAnswers, toolFails } from '../testing/commands.ts';
import {
  NOW, asks, call, lateResult, mentioning, modelCompleted, modelFailed, modelRequested, retryScheduled, runCompleted, runFailed, runStarted, says, timerFired, toolCompleted, toolDispatched,
  toolFailed, toolFailedForGood, toolRequested,
} from '../testing/facts.ts';
import { given } from '../testing/given.ts';
import { nextWakeAt } from './state.ts';

const CLASSES = Object.keys(OUTCOME_CLASSES) as OutcomeClass[];
const retried = CLASSES.filter((name) => OUTCOME_CLASSES[name].retried);
const notRetried = CLASSES.filter((name) => !OUTCOME_CLASSES[name].retried);
const asked = [runStarted(), modelRequested(1, 1)];
const busy = failureOf('rate_limited', { origin: 'model' });
const looksUp = asks(call('lookup', { q: 1 }));
const looking = [...asked, modelCompleted(1, looksUp), toolRequested(2, looksUp, 0)];

describe('a model call that failed', () => {
  it.each(retried)('with %s is tried again after a while', (name) => {
    const failure = failureOf(name, { origin: 'model' });
    const waiting = given(...asked).when(modelFails(1, failure)).thenExactly(modelFailed(1, failure), retryScheduled(1, 2, failure, NOW + 500));
    expect(nextWakeAt(waiting.state)).toBe(NOW + 500);
    waiting.when(fireTimers(), NOW + 499).thenDuplicate();
    waiting.when(fireTimers(), NOW + 500).thenExactly(timerFired('retry', 1), modelRequested(1, 1, { attempt: 2, at: NOW + 500 }));
  });

  it.each(notRetried)('with %s is never tried again: the run has failed', (name) => {
    const failure = failureOf(name, { origin: 'model' });
    given(...asked).when(modelFails(1, failure)).thenExactly(modelFailed(1, failure), runFailed(failure));
  });

  it('counts what it cost', () => {
    const usage = { inputTokens: 7, outputTokens: 0, cacheReadTokens: 3 };
    const waiting = given(...asked).when(modelFails(1, busy, { usage })).thenExactly(modelFailed(1, busy, { usage }), retryScheduled(1, 2, busy, NOW + 500));
    expect(waiting.state).toMatchObject({ usage: { inputTokens: 7, outputTokens: 0, cacheReadTokens: 3 } });
  });

  it('is tried as often as the agent allows, and not once more', () => {
    const again = given(...asked).when(modelFails(1, busy)).after().when(fireTimers(), NOW + 500).after()
      .when(modelFails(1, busy, { attempt: 2 }), NOW + 600).thenExactly(modelFailed(1, busy, { attempt: 2 }), retryScheduled(1, 3, busy, NOW + 1600));
    again.when(fireTimers(), NOW + 1600).thenExactly(timerFired('retry', 1), modelRequested(1, 1, { attempt: 3, at: NOW + 1600 }))
      .when(modelFails(1, busy, { attempt: 3 }), NOW + 1700).thenExactly(modelFailed(1, busy, { attempt: 3 }), runFailed(busy));
  });
});

describe('the pause before a retry', () => {
  const patient = agentWith({ limits: { attemptsMax: 12 } });
  const dueAfter = (failures: number, jitter: number): number => {
    let situation = given(runStarted(patient), modelRequested(1, 1));
    for (let attempt = 1; ; attempt++) {
      situation = situation.when(modelFails(1, busy, { attempt, jitter })).after();
      const wakeAt = nextWakeAt(situation.state) ?? NaN;
      if (attempt === failures) return wakeAt - NOW;
      situation = situation.when(fireTimers(), wakeAt).after();
    }
  };

  it('doubles from half a second up to a minute', () => {
    expect([1, 2, 3, 4, 7, 8, 9, 11].map((failures) => dueAfter(failures, 1))).toEqual([500, 1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is spread by the jitter down to one half', () => {
    expect([0, 0.5, 1].map((jitter) => dueAfter(2, jitter))).toEqual([500, 750, 1000]);
  });

  it('is as long as the other side asked for, if that is longer', () => {
    const slow = failureOf('rate_limited', { origin: 'model', retryAfterMs: 20_000 });
    const soon = failureOf('rate_limited', { origin: 'model', retryAfterMs: 10 });
    given(...asked).when(modelFails(1, slow)).thenExactly(modelFailed(1, slow), retryScheduled(1, 2, slow, NOW + 20_000));
    given(...asked).when(modelFails(1, soon)).thenExactly(modelFailed(1, soon), retryScheduled(1, 2, soon, NOW + 500));
  });

  it('is a day at most, whatever the other side asked for', () => {
    const never = failureOf('rate_limited', { origin: 'model', retryAfterMs: Number.MAX_SAFE_INTEGER });
    given(...asked).when(modelFails(1, never)).thenExactly(modelFailed(1, never), retryScheduled(1, 2, never, NOW + 86_400_000));
  });
});

describe('a tool call that failed', () => {
  it.each(retried)('with %s is tried again, and its late success counts as any other', (name) => {
    const failure = failureOf(name);
    given(...looking).when(toolFails(2, failure)).thenExactly(toolFailed(2, failure), retryScheduled(2, 2, failure, NOW + 500))
      .when(fireTimers(), NOW + 500).thenExactly(timerFired('retry', 2), toolRequested(2, looksUp, 0, { attempt: 2, at: NOW + 500 }))
      .when(toolAnswers(2, 'found', 2)).thenExactly(toolCompleted(2, 'found', { attempt: 2 }), modelRequested(3, 3));
  });

  it.each(notRetried.filter((name) => name !== 'already_applied'))('with %s is never tried again: the model is told', (name) => {
    const failure = failureOf(name);
    given(...looking).when(toolFails(2, failure)).thenExactly(toolFailedForGood(2, failure), modelRequested(3, 3));
  });

  it('as often as the agent allows is told to the model', () => {
    const failure = failureOf('transient_upstream');
    const once = agentWith({ limits: { attemptsMax: 2 } });
    given(runStarted(once), modelRequested(1, 1), modelCompleted(1, looksUp), toolRequested(2, looksUp, 0)).when(toolFails(2, failure)).after()
      .when(fireTimers(), NOW + 500).after().when(toolFails(2, failure, { attempt: 2 })).thenExactly(toolFailedForGood(2, failure, { attempt: 2 }), modelRequested(3, 3));
  });

  it('with the words of an earlier failure says them by their hash', () => {
    const failure = failureOf('validation');
    const twice = asks(call('lookup', { q: 1 }), call('lookup', { q: 2 }));
    given(...asked, modelCompleted(1, twice), toolRequested(2, twice, 0), toolRequested(3, twice, 1), toolFailedForGood(2, failure))
      .when(toolFails(3, failure)).thenExactly(mentioning(toolFailedForGood(3, failure)), modelRequested(4, 4));
  });

  it('keeps the key of its effect for every attempt', () => {
    const refunds = asks(call('refund', { order: 7 }));
    const failure = failureOf('transient_upstream');
    given(...asked, modelCompleted(1, refunds), toolRequested(2, refunds, 0), toolDispatched(2))
      .when(toolFails(2, failure)).thenExactly(toolFailed(2, failure), retryScheduled(2, 2, failure, NOW + 500))
      .when(fireTimers(), NOW + 500).thenExactly(timerFired('retry', 2), toolRequested(2, refunds, 0, { attempt: 2, at: NOW + 500 }), toolDispatched(2, 2));
  });

  it('is never tried again where its effect must not be repeated', () => {
    const books = asks(call('book', { flight: 'X1' }));
    const failure = failureOf('rate_limited');
    given(...asked, modelCompleted(1, books), toolRequested(2, books, 0), toolDispatched(2)).when(toolFails(2, failure, { outcomeUnknown: false })).thenExactly(toolFailedForGood(2, failure), modelRequested(3, 3));
  });
});

describe('while a step waits for its retry', () => {
  const waiting = given(...asked, modelFailed(1, busy), retryScheduled(1, 2, busy, NOW + 500));

  it('a result of the attempt that failed is nothing new', () => {
    waiting.when(modelAnswers(1, says('Hi'))).thenDuplicate();
    waiting.when(modelFails(1, busy)).thenDuplicate();
  });

  it('a result of an attempt that took too long is a cost, and the retry goes its way', () => {
    const usage = { inputTokens: 9, outputTokens: 1 };
    const timedOut = given(...asked, timerFired('attempt', 1), modelFailed(1, busy), retryScheduled(1, 2, busy, NOW + 500));
    timedOut.when(modelAnswers(1, says('Hi'), { usage })).thenExactly(lateResult(1, 1, usage))
      .when(modelAnswers(1, says('Hi'), { usage })).thenDuplicate()
      .when(fireTimers(), NOW + 500).thenExactly(timerFired('retry', 1), modelRequested(1, 1, { attempt: 2, at: NOW + 500 }))
      .when(modelAnswers(1, says('Hello'), { attempt: 2 })).thenExactly(modelCompleted(1, says('Hello'), { attempt: 2 }), runCompleted('answer', says('Hello')));
  });
});
