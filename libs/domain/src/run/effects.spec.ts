import { describe, expect, it } from 'vitest';
import { failureOf, fireTimers, lose, modelAnswers, reconcileApplied, reconcileNotApplied, toolAnswers, toolFails } from '../testing/commands.ts';
import {
  LATENCY_MS, NO_ANSWER, NOW, WORKER_LOST, asks, attemptLost, call, effectApplied, effectNotApplied, effectUnknown, lateResult, mentioning, modelCompleted, modelRequested, runCompleted, runStarted, timerFired,
  toolCompleted, toolDispatched, toolFailedForGood, toolRequested,
} from '../testing/facts.ts';
import { TOOL_TIMEOUT_MS } from '../testing/agents.ts';
import { given } from '../testing/given.ts';
import { viewOf } from './view.ts';

const asked = [runStarted(), modelRequested(1, 1)];
const books = asks(call('book', { flight: 'X1' }));
const booking = [...asked, modelCompleted(1, books), toolRequested(2, books, 0), toolDispatched(2)];
const unknown = [...booking, attemptLost(2), effectUnknown(2, WORKER_LOST)];
const wrong = failureOf('validation');

describe('an effect whose outcome is not known', () => {
  it('follows from a worker that cannot say', () => {
    const failure = failureOf('internal', { message: 'The connection broke.' });
    given(...booking).when(toolFails(2, failure, { outcomeUnknown: true })).thenExactly(effectUnknown(2, 'The connection broke.'));
  });

  it.each(['timeout', 'effect_unknown'] as const)('follows from a failure with %s, unless the worker is certain', (name) => {
    const failure = failureOf(name);
    given(...booking).when(toolFails(2, failure)).thenExactly(effectUnknown(2, failure.message));
    given(...booking).when(toolFails(2, failure, { outcomeUnknown: false })).thenExactly(toolFailedForGood(2, failure), modelRequested(3, 3));
  });

  it('follows from an attempt that takes too long', () => {
    given(...booking).when(fireTimers(), NOW + TOOL_TIMEOUT_MS).thenExactly(timerFired('attempt', 2), effectUnknown(2, NO_ANSWER));
  });

  it('holds the turn: nothing is asked of the model, and the run waits for a person', () => {
    const waiting = given(...unknown);
    expect(waiting.status).toBe('waiting');
    expect(viewOf({ tenant: 'acme', run: 'r' }, waiting.state, String)?.waitingFor).toBe('reconciliation');
    waiting.when(fireTimers(), NOW + 10 * TOOL_TIMEOUT_MS).thenDuplicate();
    waiting.when(lose([2, 1])).thenDuplicate();
  });

  it('does not hold the other calls of its turn', () => {
    const both = asks(call('book', { flight: 'X1' }), call('lookup'));
    const situation = given(...asked, modelCompleted(1, both), toolRequested(2, both, 0), toolDispatched(2), toolRequested(3, both, 1), attemptLost(2), effectUnknown(2, WORKER_LOST));
    expect(situation.status).toBe('running');
    situation.when(toolAnswers(3, 'found')).thenExactly(toolCompleted(3, 'found')).when(reconcileApplied(2, 'booked')).thenExactly(effectApplied(2, 'person', 'booked'), modelRequested(4, 4));
  });
});

describe('reconciling', () => {
  it('by a person who found it applied gives the model the output', () => {
    given(...unknown).when(reconcileApplied(2, 'Booked as 4711.')).thenExactly(effectApplied(2, 'person', 'Booked as 4711.'), modelRequested(3, 3));
  });

  it('by a person who found it not applied tells the model so', () => {
    given(...unknown).when(reconcileNotApplied(2, 'no such booking')).thenExactly(effectNotApplied(2, 'person', 'no such booking'), modelRequested(3, 3));
  });

  it('by a late result gives the model that result', () => {
    given(...unknown).when(toolAnswers(2, 'Booked as 4711.')).thenExactly(effectApplied(2, 'late-result', 'Booked as 4711.'), modelRequested(3, 3));
  });

  it('by a late result happens once: the same result again is nothing new', () => {
    given(...unknown).when(toolAnswers(2, 'Booked as 4711.')).after().when(toolAnswers(2, 'Booked as 4711.')).thenDuplicate();
  });

  it('by a late result that says it was done before counts as applied', () => {
    given(...unknown).when(toolFails(2, failureOf('already_applied', { message: 'Booked on Monday.' }))).thenExactly(effectApplied(2, 'late-result', 'Booked on Monday.'), modelRequested(3, 3));
  });

  it('by a late failure that is certain counts as not applied', () => {
    given(...unknown).when(toolFails(2, wrong)).thenExactly(effectNotApplied(2, 'late-result', wrong.message), modelRequested(3, 3));
  });

  it('is not done by a late failure that does not know either', () => {
    given(...unknown).when(toolFails(2, wrong, { outcomeUnknown: true })).thenDuplicate();
  });

  it('by a person comes first: a result after it is recorded, and otherwise ignored', () => {
    given(...unknown).when(reconcileNotApplied(2, 'no such booking')).after().when(toolAnswers(2, 'Booked as 4711.')).thenExactly(lateResult(2, 1)).when(toolAnswers(2, 'Booked as 4711.')).thenDuplicate();
  });

  it('is refused for a step that is no unknown effect', () => {
    given(...booking).when(reconcileApplied(2, 'booked')).thenRejected('effect/not-unknown');
    given(...unknown).when(reconcileApplied(1, 'booked')).thenRejected('effect/not-unknown');
    given(...unknown).when(reconcileApplied(2, 'booked')).after().when(reconcileApplied(2, 'booked')).thenRejected('effect/not-unknown');
  });

  it('completes a run that the effect was to end', () => {
    const transfers = asks(call('transfer', { to: 'a person' }));
    const situation = given(...asked, modelCompleted(1, transfers), toolRequested(2, transfers, 0), toolDispatched(2), attemptLost(2), effectUnknown(2, WORKER_LOST));
    situation.when(reconcileApplied(2, 'Transferred.')).thenExactly(effectApplied(2, 'person', 'Transferred.'), runCompleted('tool', 'Transferred.'));
    situation.when(reconcileNotApplied(2, 'nobody there')).thenExactly(effectNotApplied(2, 'person', 'nobody there'), modelRequested(3, 3));
  });
});

describe('equal calls of one turn', () => {
  const twice = asks(call('book', { flight: 'X1', seat: 1 }), call('book', '{ "seat": 1, "flight": "X1" }'), call('book', { flight: 'X2', seat: 1 }));
  const joined = [...asked, modelCompleted(1, twice), toolRequested(2, twice, 0), toolDispatched(2), toolRequested(3, twice, 1, { joins: 2 }), toolRequested(4, twice, 2), toolDispatched(4)];

  it('join the first: only it is dispatched, and a call with another meaning stands for itself', () => {
    given(...asked).when(modelAnswers(1, twice)).thenExactly(...joined.slice(2));
  });

  it('bring no outcome of their own', () => {
    given(...joined).when(toolAnswers(3, 'mine')).thenDuplicate();
    given(...joined).when(toolFails(3, wrong)).thenDuplicate();
  });

  it('get its output', () => {
    given(...joined).when(toolAnswers(2, 'booked')).thenExactly(toolCompleted(2, 'booked'), mentioning(toolCompleted(3, 'booked')))
      .when(toolAnswers(4, 'booked too')).thenExactly(toolCompleted(4, 'booked too'), modelRequested(5, 5));
  });

  it('get its failure', () => {
    given(...joined).when(toolFails(2, wrong)).thenExactly(toolFailedForGood(2, wrong), mentioning(toolFailedForGood(3, wrong)));
  });

  it('wait with it for a person, and get what was found', () => {
    const waiting = given(...joined).when(lose([2, 1])).thenExactly(attemptLost(2), effectUnknown(2, WORKER_LOST));
    waiting.when(reconcileApplied(2, 'booked')).thenExactly(effectApplied(2, 'person', 'booked'), mentioning(toolCompleted(3, 'booked', { latencyMs: 0 })));
    waiting.when(toolAnswers(2, 'booked')).thenExactly(effectApplied(2, 'late-result', 'booked'), mentioning(toolCompleted(3, 'booked', { latencyMs: LATENCY_MS })));
  });

  it('have failed, where a person found that it was not applied', () => {
    const transfers = asks(call('transfer'), call('transfer'));
    const found = { class: 'effect_unknown' as const, origin: 'person' as const, code: 'effect/not-applied', message: 'the call had no effect: nobody there' };
    given(...asked, modelCompleted(1, transfers), toolRequested(2, transfers, 0), toolDispatched(2), toolRequested(3, transfers, 1, { joins: 2 }), attemptLost(2), effectUnknown(2, WORKER_LOST))
      .when(reconcileNotApplied(2, 'nobody there'))
      .thenExactly(effectNotApplied(2, 'person', 'nobody there'), mentioning(toolFailedForGood(3, found, { latencyMs: 0 })), modelRequested(4, 4));
  });

  it('are each carried out, with keys of their own, if the tool is repeatable', () => {
    const notifies = asks(call('notify', { who: 'a' }), call('notify', { who: 'a' }), call('notify', { who: 'b' }));
    given(...asked).when(modelAnswers(1, notifies)).thenExactly(
      modelCompleted(1, notifies), toolRequested(2, notifies, 0), toolDispatched(2), toolRequested(3, notifies, 1, { recorded: 1 }), toolDispatched(3), toolRequested(4, notifies, 2), toolDispatched(4),
    );
  });

  it('are no one’s business where the tool has no effect', () => {
    const looks = asks(call('lookup', { q: 1 }), call('lookup', { q: 1 }));
    given(...asked).when(modelAnswers(1, looks)).thenExactly(modelCompleted(1, looks), toolRequested(2, looks, 0), toolRequested(3, looks, 1));
  });
});
