import { describe, expect, it } from 'vitest';
import { CONVERSATION } from '../testing/agents.ts';
import { failureOf, fireTimers, modelAnswers, modelFails, pause, provide, resume, toolAnswers } from '../testing/commands.ts';
import {
  NOW, asks, call, inputReceived, inputRequested, modelCompleted, modelFailed, modelRequested, retryScheduled, runCompleted, runPaused, runResumed, runStarted, says, timerFired, toolCompleted, toolDispatched,
  toolRequested,
} from '../testing/facts.ts';
import { given } from '../testing/given.ts';
import { nextWakeAt } from './state.ts';

const asked = [runStarted(), modelRequested(1, 1)];
const turn = asks(call('lookup'), call('book', { flight: 'X1' }));
const busy = failureOf('rate_limited', { origin: 'model' });

describe('pausing', () => {
  it('is recorded with its reason', () => {
    expect(given(...asked).when(pause('lunch')).thenExactly(runPaused('lunch')).status).toBe('paused');
  });

  it('twice is once', () => {
    given(...asked, runPaused()).when(pause()).thenDuplicate();
  });

  it('comes too late for a run that has ended', () => {
    given(...asked, modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(pause()).thenRejected('run/ended');
  });
});

describe('a paused run', () => {
  it('takes the results of what is under way, and requests the calls they ask for when it is resumed', () => {
    given(...asked, runPaused()).when(modelAnswers(1, turn)).thenExactly(modelCompleted(1, turn))
      .when(resume()).thenExactly(runResumed(), toolRequested(2, turn, 0), toolRequested(3, turn, 1), toolDispatched(3));
  });

  it('asks the model for the next answer when it is resumed', () => {
    const looks = asks(call('lookup'));
    given(...asked, modelCompleted(1, looks), toolRequested(2, looks, 0), runPaused()).when(toolAnswers(2, 'found')).thenExactly(toolCompleted(2, 'found'))
      .when(resume()).thenExactly(runResumed(), modelRequested(3, 3));
  });

  it('is complete, or asks for input, when it is resumed', () => {
    given(...asked, runPaused()).when(modelAnswers(1, says('Hi'))).thenExactly(modelCompleted(1, says('Hi'))).when(resume()).thenExactly(runResumed(), runCompleted('answer', says('Hi')));
    given(runStarted(CONVERSATION), modelRequested(1, 1), runPaused()).when(modelAnswers(1, says('Hi'))).thenExactly(modelCompleted(1, says('Hi'))).when(resume()).thenExactly(runResumed(), inputRequested());
  });

  it('takes input, and answers it when it is resumed', () => {
    given(runStarted(CONVERSATION), modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested(), runPaused())
      .when(provide('More', 'in-1')).thenExactly(inputReceived('More', 'in-1')).when(resume()).thenExactly(runResumed(), modelRequested(2, 3));
  });

  it('makes no retry until it is resumed', () => {
    const paused = given(...asked, runPaused()).when(modelFails(1, busy)).thenExactly(modelFailed(1, busy), retryScheduled(1, 2, busy, NOW + 500));
    expect(nextWakeAt(paused.state)).toBeUndefined();
    paused.when(fireTimers(), NOW + 60_000).thenDuplicate();
    const resumed = paused.when(resume(), NOW + 60_000).thenExactly(runResumed());
    expect(nextWakeAt(resumed.state)).toBe(NOW + 500);
    resumed.when(fireTimers(), NOW + 60_000).thenExactly(timerFired('retry', 1), modelRequested(1, 1, { attempt: 2, at: NOW + 60_000 }));
  });

  it('still waits for input after it is resumed, if it did before', () => {
    const resumed = given(runStarted(CONVERSATION), modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested(), runPaused()).when(resume()).thenExactly(runResumed());
    expect(resumed.status).toBe('waiting');
  });
});

describe('resuming', () => {
  it('is refused where nothing was paused', () => {
    given(...asked).when(resume()).thenRejected('run/not-paused');
    given(...asked, runPaused(), runResumed()).when(resume()).thenRejected('run/not-paused');
  });

  it('comes too late for a run that has ended', () => {
    given(...asked, modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(resume()).thenRejected('run/ended');
  });
});
