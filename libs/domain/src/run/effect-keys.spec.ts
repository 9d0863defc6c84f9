import { describe, it } from 'vitest';
import { agentWith } from '../testing/agents.ts';
import { failureOf, fireTimers, lose, modelAnswers, reconcileNotApplied, toolAnswers, toolFails } from '../testing/commands.ts';
import { NOW, asks, call, mentioning, modelCompleted, modelRequested, runStarted, toolDispatched, toolFailedForGood, toolRequested } from '../testing/facts.ts';
import { given, type Situation } from '../testing/given.ts';

const asked = [runStarted(), modelRequested(1, 1)];
const refunds = asks(call('refund', { order: 7 }));
const books = asks(call('book', { flight: 'X1' }));
const wrong = failureOf('validation');

const requested = (turn: typeof refunds): Situation => given(...asked, modelCompleted(1, turn), toolRequested(2, turn, 0), toolDispatched(2));
/** The model asks for the same again; its key is that of the call after `recorded` others. */
const asksAgain = (situation: Situation, turn: typeof refunds, recorded: number): void => {
  situation.when(modelAnswers(3, turn)).thenExactly(mentioning(modelCompleted(3, turn)), toolRequested(4, turn, 0, { recorded }), toolDispatched(4));
};

describe('an equal call in a later turn', () => {
  it('has another key after a success', () => {
    asksAgain(requested(refunds).when(toolAnswers(2, 'refunded')).after(), refunds, 1);
    asksAgain(requested(books).when(toolAnswers(2, 'booked')).after(), books, 1);
  });

  it('has another key after a failure that is certain', () => {
    asksAgain(requested(refunds).when(toolFails(2, wrong)).after(), refunds, 1);
    asksAgain(requested(books).when(toolFails(2, wrong)).after(), books, 1);
  });

  it('has another key once a person has said what became of the first', () => {
    asksAgain(requested(books).when(lose([2, 1])).after().when(reconcileNotApplied(2, 'no such booking')).after(), books, 1);
  });

  it('counts joined calls as the one that was carried out', () => {
    const twice = asks(call('refund', { order: 7 }), call('refund', { order: 7 }));
    given(...asked, modelCompleted(1, twice), toolRequested(2, twice, 0), toolDispatched(2), toolRequested(3, twice, 1, { joins: 2 })).when(toolAnswers(2, 'refunded')).after()
      .when(modelAnswers(4, refunds)).thenExactly(modelCompleted(4, refunds), toolRequested(5, refunds, 0, { recorded: 1 }), toolDispatched(5));
  });

  it('of a repeatable tool follows those of the turn before', () => {
    const twice = asks(call('notify', { who: 'a' }), call('notify', { who: 'a' }));
    given(...asked, modelCompleted(1, twice), toolRequested(2, twice, 0), toolDispatched(2), toolRequested(3, twice, 1, { recorded: 1 }), toolDispatched(3))
      .when(toolAnswers(3, 'told')).after().when(toolAnswers(2, 'told')).after()
      .when(modelAnswers(4, twice)).thenExactly(mentioning(modelCompleted(4, twice)), toolRequested(5, twice, 0, { recorded: 2 }), toolDispatched(5), toolRequested(6, twice, 1, { recorded: 3 }), toolDispatched(6));
  });
});

describe('an equal call after an idempotent one that ended in doubt', () => {
  const hasty = agentWith({ limits: { attemptsMax: 1 } });
  const once = given(runStarted(hasty), modelRequested(1, 1), modelCompleted(1, refunds), toolRequested(2, refunds, 0), toolDispatched(2));

  it('keeps the key, so that a refund which did go through is not paid twice, if the first took too long', () => {
    const noAnswer = failureOf('timeout', { message: "No answer came before the attempt's deadline." });
    const told = once.when(fireTimers(), NOW + 30_000).after();
    asksAgain(told, refunds, 0);
    asksAgain(once.when(toolFails(2, noAnswer)).thenExactly(toolFailedForGood(2, noAnswer, { outcomeUnknown: true }), modelRequested(3, 3)), refunds, 0);
  });

  it('keeps the key, if the worker of the first could not say', () => {
    const broken = failureOf('internal');
    asksAgain(once.when(toolFails(2, broken, { outcomeUnknown: true })).thenExactly(toolFailedForGood(2, broken, { outcomeUnknown: true }), modelRequested(3, 3)), refunds, 0);
  });

  it('keeps the key, if an earlier attempt of the first was lost', () => {
    const again = requested(refunds).when(lose([2, 1])).after();
    asksAgain(again.when(toolFails(2, wrong, { attempt: 2 })).after(), refunds, 0);
    asksAgain(again.when(toolAnswers(2, 'refunded', 2)).after(), refunds, 1);
  });

  it('keeps the key, if an earlier attempt of the first took too long', () => {
    const again = requested(refunds).when(fireTimers(), NOW + 30_000).after().when(fireTimers(), NOW + 60_000).after();
    asksAgain(again.when(toolFails(2, wrong, { attempt: 2 })).after(), refunds, 0);
  });
});

describe('the meaning of arguments', () => {
  const keyAfter = (first: string, second: string, recorded: number): void => {
    const turn = asks(call('book', first), call('book', second));
    const events = given(...asked).when(modelAnswers(1, turn)).events();
    const requests = events.flatMap((event) => (event.type === 'ToolCallRequested' ? [event.data] : []));
    if (new Set(requests.map((request) => request.key)).size !== recorded) throw new Error(`${first} and ${second} have ${recorded === 1 ? 'different keys' : 'the same key'}.`);
  };

  it.each([
    ['{"a":1,"b":[1,2]}', '{ "b": [ 1, 2 ],\n "a": 1.0 }'],
    ['{"a":"é"}', '{"a":"\\u00e9"}'],
    ['not JSON', 'not JSON'],
  ])('is the same in %s and %s', (first, second) => {
    keyAfter(first, second, 1);
  });

  it.each([
    ['{"a":[1,2]}', '{"a":[2,1]}'],
    ['{"a":1}', '{"a":"1"}'],
    ['{"a":null}', '{}'],
    ['{"account":9007199254740993}', '{"account":9007199254740992}'],
    ['{"a":1e400}', '{"a":null}'],
    ['not JSON', 'not  JSON'],
  ])('differs in %s and %s', (first, second) => {
    keyAfter(first, second, 2);
  });
});
