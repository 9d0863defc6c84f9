import { describe, expect, it } from 'vitest';
import { MODEL_TIMEOUT_MS, TOOL_TIMEOUT_MS, agentWith } from '../testing/agents.ts';
import { failureOf, fireTimers, modelAnswers, start, toolAnswers } from '../testing/commands.ts';
import {
  NO_ANSWER, NOW, asks, call, inputRequested, lateResult, modelCompleted, modelFailed, modelRequested, retryScheduled, runCompleted, runExpired, runStarted, says, timerFired, toolCompleted, toolFailed, toolRequested,
} from '../testing/facts.ts';
import { given } from '../testing/given.ts';
import { ABSENT, nextWakeAt } from './state.ts';

const asked = [runStarted(), modelRequested(1, 1)];
const noAnswer = failureOf('timeout', { origin: 'model', code: 'model/timeout', message: NO_ANSWER });
const noResult = failureOf('timeout', { code: 'tool/timeout', message: NO_ANSWER });
const BACKOFF_MS = 375;

describe('the next time to look at a run', () => {
  const looks = asks(call('lookup'), call('lookup', { q: 2 }));

  it('is the deadline of the attempt under way', () => {
    expect(nextWakeAt(given(...asked).state)).toBe(NOW + MODEL_TIMEOUT_MS);
    expect(nextWakeAt(given(...asked, modelCompleted(1, looks), toolRequested(2, looks, 0, { at: NOW + 1 }), toolRequested(3, looks, 1)).state)).toBe(NOW + TOOL_TIMEOUT_MS);
  });

  it('is the deadline of the run, if that comes first', () => {
    expect(nextWakeAt(given().when(start(agentWith({ limits: { deadlineMs: 10 } }))).after().state)).toBe(NOW + 10);
  });

  it('never comes for a run that only waits, is over, or is none', () => {
    expect(nextWakeAt(given(runStarted(agentWith({ turns: 'many' })), modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested()).state)).toBeUndefined();
    expect(nextWakeAt(given(...asked, modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).state)).toBeUndefined();
    expect(nextWakeAt(ABSENT)).toBeUndefined();
  });
});

describe('timers', () => {
  it('that are not due do nothing', () => {
    given(...asked).when(fireTimers(), NOW + MODEL_TIMEOUT_MS - 1).thenDuplicate();
    given(...asked, modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(fireTimers(), NOW + MODEL_TIMEOUT_MS).thenDuplicate();
  });

  it('give up a model call that takes too long, and try it again', () => {
    const at = NOW + MODEL_TIMEOUT_MS;
    given(...asked).when(fireTimers(), at).thenExactly(timerFired('attempt', 1), modelFailed(1, noAnswer, { latencyMs: 0 }), retryScheduled(1, 2, noAnswer, at + BACKOFF_MS))
      .when(modelAnswers(1, says('Hi')), at).thenExactly(lateResult(1, 1, { inputTokens: 100, outputTokens: 10 }));
  });

  it('give up a tool call that takes too long, and leave the others alone', () => {
    const looks = asks(call('lookup', { q: 1 }), call('lookup', { q: 2 }));
    const at = NOW + TOOL_TIMEOUT_MS;
    given(...asked, modelCompleted(1, looks), toolRequested(2, looks, 0), toolRequested(3, looks, 1, { at: NOW + 1 }))
      .when(fireTimers(), at).thenExactly(timerFired('attempt', 2), toolFailed(2, noResult, { latencyMs: 0 }), retryScheduled(2, 2, noResult, at + BACKOFF_MS))
      .when(toolAnswers(3, 'found'), at).thenExactly(toolCompleted(3, 'found'));
  });

  it('do all that is due in one decision', () => {
    const looks = asks(call('lookup', { q: 1 }), call('lookup', { q: 2 }));
    const at = NOW + TOOL_TIMEOUT_MS;
    given(...asked, modelCompleted(1, looks), toolRequested(2, looks, 0), toolRequested(3, looks, 1)).when(fireTimers(), at)
      .thenExactly(
        timerFired('attempt', 2), toolFailed(2, noResult, { latencyMs: 0 }), retryScheduled(2, 2, noResult, at + BACKOFF_MS),
        timerFired('attempt', 3), toolFailed(3, noResult, { latencyMs: 0 }), retryScheduled(3, 2, noResult, at + BACKOFF_MS),
      );
  });

  it('expire the run before they give up its attempts, so that nothing is tried again', () => {
    const hasty = agentWith({ limits: { deadlineMs: 10 } });
    const ended = given(runStarted(hasty, 'Hello', { deadlineAt: NOW + 10 }), modelRequested(1, 1)).when(fireTimers(), NOW + MODEL_TIMEOUT_MS)
      .thenExactly(timerFired('deadline'), runExpired(), timerFired('attempt', 1), modelFailed(1, noAnswer, { latencyMs: 0 }));
    expect(ended.status).toBe('expired');
  });
});
