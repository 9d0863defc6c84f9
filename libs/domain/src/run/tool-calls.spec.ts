import { describe, expect, it } from 'vitest';
import { agentWith } from '../testing/agents.ts';
import { modelAnswers, provide, toolAnswers, toolFails, failureOf } from '../testing/commands.ts';
import {
  asks, call, modelCompleted, modelRequested, runCompleted, runStarted, toolCompleted, toolDenied, toolDispatched, toolFailedForGood, toolRequested,
} from '../testing/facts.ts';
import { given } from '../testing/given.ts';
import { entriesOf } from './transcript.ts';

const asked = [runStarted(), modelRequested(1, 1)];
const three = asks(call('lookup', { q: 'a' }), call('lookup', { q: 'b' }), call('lookup', { q: 'c' }));

describe('tool calls of a turn', () => {
  it('are all requested at once', () => {
    given(...asked).when(modelAnswers(1, three)).thenExactly(modelCompleted(1, three), toolRequested(2, three, 0), toolRequested(3, three, 1), toolRequested(4, three, 2));
  });

  it('are claimed in the record that requests them, if they have an effect', () => {
    const turn = asks(call('lookup'), call('refund', { order: 7 }), call('book', { flight: 'X1' }));
    given(...asked).when(modelAnswers(1, turn)).thenExactly(modelCompleted(1, turn), toolRequested(2, turn, 0), toolRequested(3, turn, 1), toolDispatched(3), toolRequested(4, turn, 2), toolDispatched(4));
  });

  it('are answered to the model in the order of the calls, in whichever order they end', () => {
    const last = given(...asked, modelCompleted(1, three), toolRequested(2, three, 0), toolRequested(3, three, 1), toolRequested(4, three, 2))
      .when(toolAnswers(4, 'C')).thenExactly(toolCompleted(4, 'C'))
      .when(toolAnswers(2, 'A')).thenExactly(toolCompleted(2, 'A'))
      .when(toolAnswers(3, 'B')).thenExactly(toolCompleted(3, 'B'), modelRequested(5, 5));
    const said = last.state.status === 'active' ? entriesOf(last.state.transcript, 2) : [];
    expect(said.map((entry) => [entry.role, entry.callId])).toEqual([['tool', 'c1'], ['tool', 'c2'], ['tool', 'c3']]);
  });

  it('tell the model of a failure as of a result', () => {
    const turn = asks(call('lookup'));
    const wrong = failureOf('validation');
    given(...asked, modelCompleted(1, turn), toolRequested(2, turn, 0)).when(toolFails(2, wrong)).thenExactly(toolFailedForGood(2, wrong), modelRequested(3, 3));
  });

  it('count as a success where the work was done before', () => {
    const turn = asks(call('refund'));
    given(...asked, modelCompleted(1, turn), toolRequested(2, turn, 0), toolDispatched(2))
      .when(toolFails(2, failureOf('already_applied', { message: 'Refunded on Monday.' }))).thenExactly(toolCompleted(2, 'Refunded on Monday.'), modelRequested(3, 3));
  });
});

describe('a tool that the agent has not', () => {
  it('is denied with the words of the agent, and the turn goes on', () => {
    const turn = asks(call('teleport'), call('lookup'));
    given(...asked).when(modelAnswers(1, turn)).thenExactly(modelCompleted(1, turn), toolDenied(2, turn, 0), toolRequested(3, turn, 1))
      .when(toolAnswers(3, 'found')).thenExactly(toolCompleted(3, 'found'), modelRequested(4, 4));
  });

  it('alone leads straight to the next model call', () => {
    const turn = asks(call('teleport'));
    given(...asked).when(modelAnswers(1, turn)).thenExactly(modelCompleted(1, turn), toolDenied(2, turn, 0), modelRequested(3, 3));
  });

  it('is named as it is, whatever signs its name has', () => {
    const turn = asks(call("$&$'{tool}"));
    const [, denied] = given(...asked).when(modelAnswers(1, turn)).events();
    expect(denied?.data).toMatchObject({ output: { body: "There is no tool $&$'{tool}." } });
  });
});

describe('a tool that ends the run', () => {
  const turn = asks(call('finish'), call('lookup'));

  it('completes it once its whole turn is done, with what it said', () => {
    given(...asked, modelCompleted(1, turn), toolRequested(2, turn, 0), toolRequested(3, turn, 1))
      .when(toolAnswers(2, 'All done.')).thenExactly(toolCompleted(2, 'All done.'))
      .when(toolAnswers(3, 'found')).thenExactly(toolCompleted(3, 'found'), runCompleted('tool', 'All done.'));
  });

  it('does not complete it by failing', () => {
    const wrong = failureOf('validation');
    given(...asked, modelCompleted(1, turn), toolRequested(2, turn, 0), toolRequested(3, turn, 1), toolCompleted(3, 'found'))
      .when(toolFails(2, wrong)).thenExactly(toolFailedForGood(2, wrong), modelRequested(4, 4));
  });

  it('comes before an input that waits', () => {
    const many = agentWith({ turns: 'many' });
    given(runStarted(many), modelRequested(1, 1), modelCompleted(1, turn), toolRequested(2, turn, 0), toolRequested(3, turn, 1), toolCompleted(3, 'found'))
      .when(provide('And?', 'in-1')).after().when(toolAnswers(2, 'All done.')).thenExactly(toolCompleted(2, 'All done.'), runCompleted('tool', 'All done.'));
  });
});
