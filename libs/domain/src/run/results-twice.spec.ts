import { describe, it } from 'vitest';
import { failureOf, modelAnswers, modelFails, toolAnswers, toolFails } from '../testing/commands.ts';
import { asks, call, modelCompleted, modelRequested, runCompleted, runStarted, says, toolCompleted, toolDispatched, toolFailedForGood, toolRequested } from '../testing/facts.ts';
import { given } from '../testing/given.ts';

const asked = [runStarted(), modelRequested(1, 1)];
const turn = asks(call('lookup'), call('book', { flight: 'X1' }));
const working = [...asked, modelCompleted(1, turn), toolRequested(2, turn, 0), toolRequested(3, turn, 1), toolDispatched(3)];
const wrong = failureOf('validation');

describe('the same result by another way', () => {
  it('of a model call is nothing new', () => {
    given(...working).when(modelAnswers(1, turn)).thenDuplicate();
    given(...working).when(modelFails(1, wrong)).thenDuplicate();
    given(...asked, modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(modelAnswers(1, says('Hi'))).thenDuplicate();
  });

  it('of a tool call is nothing new', () => {
    const done = given(...working, toolCompleted(2, 'found'), toolFailedForGood(3, wrong));
    done.when(toolAnswers(2, 'found')).thenDuplicate();
    done.when(toolAnswers(2, 'found something else')).thenDuplicate();
    done.when(toolFails(3, wrong)).thenDuplicate();
  });
});

describe('a result that fits no attempt under way', () => {
  it.each([
    ['a model answer for a tool call', modelAnswers(2, says('Hi'))],
    ['a tool result for a model call', toolAnswers(1, 'found')],
    ['an attempt that was never made', toolAnswers(2, 'found', 2)],
    ['a step that was never requested', toolAnswers(9, 'found')],
    ['a failure of a step that was never requested', toolFails(9, wrong)],
  ])('is nothing: %s', (_what, command) => {
    given(...working).when(command).thenDuplicate();
  });
});
