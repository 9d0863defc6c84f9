import { describe, expect, it } from 'vitest';
import { agentWith } from '../testing/agents.ts';
import { cancel, failureOf, fireTimers, lose, modelAnswers, pause, resume, toolAnswers } from '../testing/commands.ts';
import {
  NOW, USAGE, WORKER_LOST, asks, attemptLost, call, effectUnknown, lateResult, modelCompleted, modelRequested, retryScheduled, runCompleted, runCancelled, runFailed, runPaused, runResumed, runStarted, says, timerFired,
  toolCompleted, toolDispatched, toolFailedForGood, toolRequested,
} from '../testing/facts.ts';
import { given, type Situation } from '../testing/given.ts';

const asked = [runStarted(), modelRequested(1, 1)];
const turn = asks(call('lookup'), call('refund', { order: 7 }), call('book', { flight: 'X1' }));
const underWay = [...asked, modelCompleted(1, turn), toolRequested(2, turn, 0), toolRequested(3, turn, 1), toolDispatched(3), toolRequested(4, turn, 2), toolDispatched(4)];
const gone = (step: number, losses: number) => failureOf('internal', {
  origin: 'orchestration', code: 'attempt/lost-too-often', message: `Step ${step} lost its worker ${losses} times. Look at what it does to its worker before starting the run again.`,
});

describe('an attempt whose worker was lost', () => {
  it('of a model call is given again at once, as another attempt', () => {
    given(...asked).when(lose([1, 1]), NOW + 100).thenExactly(attemptLost(1), modelRequested(1, 1, { attempt: 2, at: NOW + 100 }))
      .when(lose([1, 2]), NOW + 200).thenExactly(attemptLost(1, 2), modelRequested(1, 1, { attempt: 3, at: NOW + 200 }));
  });

  it('of a tool without effect is given again', () => {
    given(...underWay).when(lose([2, 1])).thenExactly(attemptLost(2), toolRequested(2, turn, 0, { attempt: 2 }));
  });

  it('of an idempotent effect goes again with its key', () => {
    given(...underWay).when(lose([3, 1])).thenExactly(attemptLost(3), toolRequested(3, turn, 1, { attempt: 2 }), toolDispatched(3, 2));
  });

  it('of an effect that must not be repeated leaves its outcome unknown', () => {
    given(...underWay).when(lose([4, 1])).thenExactly(attemptLost(4), effectUnknown(4, WORKER_LOST));
  });

  it('is one of several that went with the same worker', () => {
    given(...underWay).when(lose([4, 1], [2, 1], [3, 1]))
      .thenExactly(attemptLost(4), effectUnknown(4, WORKER_LOST), attemptLost(2), toolRequested(2, turn, 0, { attempt: 2 }), attemptLost(3), toolRequested(3, turn, 1, { attempt: 2 }), toolDispatched(3, 2));
  });

  it('is lost once', () => {
    const lost = given(...underWay).when(lose([2, 1], [4, 1])).after();
    lost.when(lose([2, 1], [4, 1])).thenDuplicate();
    lost.when(lose([2, 1], [2, 2], [4, 1])).thenExactly(attemptLost(2, 2), toolRequested(2, turn, 0, { attempt: 3 }));
  });

  it('does not use up the tries that the agent allows for failures', () => {
    const once = agentWith({ limits: { attemptsMax: 1 } });
    given(runStarted(once), modelRequested(1, 1)).when(lose([1, 1])).thenExactly(attemptLost(1), modelRequested(1, 1, { attempt: 2 }));
  });

  it('that was never handed out, or has ended, is nobody’s loss', () => {
    given(...asked).when(lose([1, 2], [7, 1])).thenDuplicate();
    given(...asked, modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(lose([1, 1])).thenDuplicate();
  });
});

describe('the result of an attempt that was lost', () => {
  it('is recorded as a cost, once, and its content is ignored', () => {
    const usage = { inputTokens: 50, outputTokens: 5, reasoningTokens: 2 };
    const again = given(...asked, attemptLost(1), modelRequested(1, 1, { attempt: 2 }));
    const recorded = again.when(modelAnswers(1, says('Too late'), { usage })).thenExactly(lateResult(1, 1, usage));
    expect(recorded.state).toMatchObject({ usage });
    recorded.when(modelAnswers(1, says('Too late'), { usage })).thenDuplicate();
    recorded.when(modelAnswers(1, says('Hi'), { attempt: 2 })).thenExactly(modelCompleted(1, says('Hi'), { attempt: 2 }), runCompleted('answer', says('Hi')));
  });

  it('counts after the end of the run, and does not change how it ended', () => {
    const ended = given(...asked, attemptLost(1), modelRequested(1, 1, { attempt: 2 }), modelCompleted(1, says('Hi'), { attempt: 2 }), runCompleted('answer', says('Hi')));
    const recorded = ended.when(modelAnswers(1, says('Too late'))).thenExactly(lateResult(1, 1, USAGE));
    expect(recorded.state).toMatchObject({ status: 'completed', reason: 'answer', usage: { inputTokens: 200, outputTokens: 20 } });
    recorded.when(modelAnswers(1, says('Too late'))).thenDuplicate();
  });

  it('of a tool is recorded too, though it names no cost', () => {
    given(...underWay).when(lose([2, 1])).after().when(toolAnswers(2, 'found')).thenExactly(lateResult(2, 1)).when(toolAnswers(2, 'found')).thenDuplicate()
      .when(toolAnswers(2, 'found', 2)).thenExactly(toolCompleted(2, 'found', { attempt: 2 }));
  });
});

describe('a step that loses one worker after the other', () => {
  const losing = (situation: Situation, step: number, times: number): Situation => {
    let after = situation;
    for (let attempt = 1; attempt <= times; attempt++) after = after.when(lose([step, attempt])).after();
    return after;
  };

  it('fails the run, if it is a model call', () => {
    losing(given(...asked), 1, 99).when(lose([1, 100])).thenExactly(attemptLost(1, 100), runFailed(gone(1, 100)));
  });

  it('is told to the model, if it is a tool call, and leaves the other calls of the turn alone', () => {
    losing(given(...underWay), 2, 99).when(lose([2, 100])).thenExactly(attemptLost(2, 100), toolFailedForGood(2, gone(2, 100), { attempt: 100, latencyMs: 0 }))
      .when(toolAnswers(4, 'booked')).thenExactly(toolCompleted(4, 'booked'));
  });
});

describe('an attempt lost while the run is paused', () => {
  it('is not given again if the run was cancelled as well', () => {
    given(...underWay, runPaused(), runCancelled()).when(lose([2, 1], [4, 1])).thenExactly(attemptLost(2), attemptLost(4), effectUnknown(4, WORKER_LOST));
  });

  const lost = failureOf('transient_upstream', { origin: 'orchestration', code: 'attempt/lost', message: 'The worker was lost while the run was paused.' });

  it('is given again after the run is resumed, and not before', () => {
    const paused = given(...asked).when(pause()).after().when(lose([1, 1])).thenExactly(attemptLost(1), retryScheduled(1, 2, lost, NOW));
    paused.when(fireTimers(), NOW + 1000).thenDuplicate();
    paused.when(cancel()).thenExactly(runCancelled());
    paused.when(resume()).thenExactly(runResumed()).when(fireTimers(), NOW + 1000).thenExactly(timerFired('retry', 1), modelRequested(1, 1, { attempt: 2, at: NOW + 1000 }));
  });
});
