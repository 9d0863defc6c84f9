import { describe, expect, it } from 'vitest';
import { CONVERSATION, TOOL_TIMEOUT_MS } from '../testing/agents.ts';
import { cancel, failureOf, fireTimers, lose, modelAnswers, modelFails, pause, provide, reconcileApplied, reconcileNotApplied, resume, toolAnswers, toolFails } from '../testing/commands.ts';
import {
  NO_ANSWER, NOW, USAGE, WORKER_LOST, asks, attemptLost, call, effectApplied, effectNotApplied, effectUnknown, inputReceived, inputRequested, lateResult, mentioning, modelCompleted, modelFailed, modelRequested, retryScheduled,
  runCancelled, runCompleted, runStarted, says, timerFired, toolCompleted, toolDispatched, toolFailedForGood, toolRequested,
} from '../testing/facts.ts';
import { given } from '../testing/given.ts';
import { nextWakeAt } from './state.ts';

const asked = [runStarted(), modelRequested(1, 1)];
const parked = [runStarted(CONVERSATION), modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested()];
const turn = asks(call('lookup'), call('book', { flight: 'X1' }));
const working = [...asked, modelCompleted(1, turn), toolRequested(2, turn, 0), toolRequested(3, turn, 1), toolDispatched(3)];
const busy = failureOf('rate_limited', { origin: 'model' });

describe('cancelling', () => {
  it('ends a run that has nothing under way at once', () => {
    expect(given(...parked).when(cancel('not needed')).thenExactly(runCancelled('not needed')).state).toMatchObject({ status: 'cancelled', reason: 'not needed' });
  });

  it('drops a retry that was waiting', () => {
    const waiting = given(...asked, modelFailed(1, busy), retryScheduled(1, 2, busy, NOW + 500));
    expect(waiting.when(cancel()).thenExactly(runCancelled()).state).toMatchObject({ status: 'cancelled', reason: 'cancelled' });
  });

  it('waits for the last attempt, and begins nothing new', () => {
    const stopping = given(...working).when(cancel()).thenExactly(runCancelled());
    expect(stopping.status).toBe('cancelling');
    const one = stopping.when(toolAnswers(2, 'found')).thenExactly(toolCompleted(2, 'found'));
    expect(one.status).toBe('cancelling');
    expect(one.when(toolAnswers(3, 'booked')).thenExactly(toolCompleted(3, 'booked')).status).toBe('cancelled');
  });

  it('takes the answer of the model, and carries out none of its calls', () => {
    const stopped = given(...asked).when(cancel()).after().when(modelAnswers(1, turn)).thenExactly(modelCompleted(1, turn));
    expect(stopped.state).toMatchObject({ status: 'cancelled', usage: USAGE });
  });

  it('makes no further attempt of what fails', () => {
    expect(given(...asked).when(cancel()).after().when(modelFails(1, busy)).thenExactly(modelFailed(1, busy)).status).toBe('cancelled');
    const flaky = failureOf('transient_upstream');
    expect(given(...working).when(cancel()).after().when(toolFails(2, flaky)).thenExactly(toolFailedForGood(2, flaky)).status).toBe('cancelling');
  });

  it('makes no further attempt of what is lost, and counts what it cost all the same', () => {
    const stopped = given(...asked).when(cancel()).after().when(lose([1, 1])).thenExactly(attemptLost(1));
    expect(stopped.status).toBe('cancelled');
    stopped.when(modelAnswers(1, says('Hi'))).thenExactly(lateResult(1, 1, USAGE)).when(modelAnswers(1, says('Hi'))).thenDuplicate();
  });

  it('gives up an attempt that takes too long', () => {
    const stopping = given(...working).when(cancel()).after();
    expect(nextWakeAt(stopping.state)).toBe(NOW + TOOL_TIMEOUT_MS);
    const timeout = failureOf('timeout', { message: NO_ANSWER });
    stopping.when(fireTimers(), NOW + TOOL_TIMEOUT_MS)
      .thenExactly(timerFired('attempt', 2), toolFailedForGood(2, timeout, { latencyMs: 0 }), timerFired('attempt', 3), effectUnknown(3, NO_ANSWER));
  });

  it('is not over while an effect is unknown, until somebody says what became of it', () => {
    const doubtful = given(...working, toolCompleted(2, 'found'), attemptLost(3), effectUnknown(3, WORKER_LOST)).when(cancel()).thenExactly(runCancelled());
    expect(doubtful.status).toBe('cancelling');
    expect(nextWakeAt(doubtful.state)).toBeUndefined();
    expect(doubtful.when(reconcileApplied(3, 'booked')).thenExactly(effectApplied(3, 'person', 'booked')).status).toBe('cancelled');
    expect(doubtful.when(reconcileNotApplied(3, 'none')).thenExactly(effectNotApplied(3, 'person', 'none')).status).toBe('cancelled');
    expect(doubtful.when(toolAnswers(3, 'booked')).thenExactly(effectApplied(3, 'late-result', 'booked')).status).toBe('cancelled');
  });

  it('leaves an effect that is lost afterwards to be reconciled', () => {
    const doubtful = given(...working, toolCompleted(2, 'found')).when(cancel()).after().when(lose([3, 1])).thenExactly(attemptLost(3), effectUnknown(3, WORKER_LOST));
    expect(doubtful.status).toBe('cancelling');
    expect(doubtful.when(reconcileApplied(3, 'booked')).after().status).toBe('cancelled');
  });

  it('twice is once', () => {
    const stopping = given(...working).when(cancel()).after();
    stopping.when(cancel('again')).thenDuplicate();
    stopping.when(toolAnswers(2, 'found')).after().when(toolAnswers(3, 'booked')).after().when(cancel()).thenDuplicate();
  });

  it('refuses input, pause and resumption', () => {
    const stopping = given(runStarted(CONVERSATION), modelRequested(1, 1), runCancelled());
    stopping.when(provide('More', 'in-1')).thenRejected('run/cancelling');
    stopping.when(pause()).thenRejected('run/cancelling');
    stopping.when(resume()).thenRejected('run/cancelling');
  });

  it('comes too late for a run that has ended', () => {
    given(...asked, modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(cancel()).thenRejected('run/ended');
  });

  it('ends a paused run', () => {
    expect(given(...parked).when(pause()).after().when(cancel()).thenExactly(runCancelled()).status).toBe('cancelled');
  });
});

describe('cancelling a run whose equal calls have joined', () => {
  const twice = asks(call('refund', { order: 7 }), call('refund', { order: 7 }));
  const joined = [...asked, modelCompleted(1, twice), toolRequested(2, twice, 0), toolDispatched(2), toolRequested(3, twice, 1, { joins: 2 })];

  it('ends when the first was lost', () => {
    expect(given(...joined).when(cancel()).after().when(lose([2, 1])).thenExactly(attemptLost(2)).status).toBe('cancelled');
  });

  it('ends when the first was waiting for a retry', () => {
    expect(given(...joined).when(toolFails(2, failureOf('transient_upstream'))).after().when(cancel()).thenExactly(runCancelled()).status).toBe('cancelled');
  });

  it('ends when the first has its result, which both of them get', () => {
    expect(given(...joined).when(cancel()).after().when(toolAnswers(2, 'refunded')).thenExactly(toolCompleted(2, 'refunded'), mentioning(toolCompleted(3, 'refunded'))).status).toBe('cancelled');
  });
});

describe('an input that came before the end', () => {
  it('is known when it is sent again', () => {
    given(...parked, inputReceived('More', 'in-1'), modelRequested(2, 3), runCancelled()).when(provide('More', 'in-1')).thenDuplicate();
    given(...parked, inputReceived('More', 'in-1'), modelRequested(2, 3), runCancelled(), modelCompleted(2, says('Yes'))).when(provide('More', 'in-1')).thenDuplicate();
  });
});
