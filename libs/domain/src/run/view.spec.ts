import { describe, expect, it } from 'vitest';
import { runView } from '@runledger/contracts';
import { CONVERSATION, agentWith } from '../testing/agents.ts';
import { failureOf } from '../testing/commands.ts';
import {
  NOW, RUN, TENANT, WORKER_LOST, asks, attemptLost, call, effectUnknown, inputRequested, modelCompleted, modelFailed, modelRequested, retryScheduled, runCancelled, runCompleted, runFailed, runPaused, runStarted, says,
  toolDenied, toolDispatched, toolRequested,
} from '../testing/facts.ts';
import { given, type Situation } from '../testing/given.ts';
import { viewOf } from './view.ts';

const viewed = ({ state }: Situation) => viewOf({ tenant: TENANT, run: RUN }, state, (ms) => new Date(ms).toISOString());
const asked = [runStarted(), modelRequested(1, 1)];
const books = asks(call('book', { flight: 'X1' }));
const busy = failureOf('rate_limited', { origin: 'model' });
const unknown = [...asked, modelCompleted(1, books), toolRequested(2, books, 0), toolDispatched(2), attemptLost(2), effectUnknown(2, WORKER_LOST)];

describe('a run as clients see it', () => {
  it('says what it is, how far it has come, and what it has used', () => {
    const denied = asks(call('teleport'));
    const view = viewed(given(runStarted(CONVERSATION, 'Hello', { key: 'order-7', metadata: { vip: true } }), modelRequested(1, 1), modelCompleted(1, denied), toolDenied(2, denied, 0), modelRequested(3, 3)));
    expect(view).toEqual({
      id: RUN, tenant: TENANT, agent: { name: 'desk', version: 'desk-v1' }, key: 'order-7', status: 'running', metadata: { vip: true }, steps: 3, modelCalls: 2, toolCalls: 1, attempts: 2,
      usage: { inputTokens: 100, outputTokens: 10 }, sequence: 5, startedAt: new Date(NOW).toISOString(), updatedAt: new Date(NOW).toISOString(),
    });
  });

  it('is none before it has started', () => {
    expect(viewed(given())).toBeUndefined();
  });

  it.each([
    ['running', 'while an attempt is under way', given(...asked)],
    ['running', 'while a retry is due later', given(...asked, modelFailed(1, busy), retryScheduled(1, 2, busy, NOW + 500))],
    ['waiting', 'for an input', given(runStarted(CONVERSATION), modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested())],
    ['waiting', 'for a person about an effect', given(...unknown)],
    ['paused', 'whatever is under way', given(...asked, runPaused())],
    ['cancelling', 'until the last attempt is settled', given(...asked, runCancelled())],
    ['completed', 'with its answer', given(...asked, modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi')))],
    ['failed', 'with its failure', given(...asked, modelFailed(1, busy), runFailed(busy))],
    ['cancelled', 'when nothing is under way', given(runStarted(), runCancelled())],
  ] as const)('is %s %s', (status, _when, situation) => {
    const view = viewed(situation);
    expect(view?.status).toBe(status);
    expect(() => runView.parse(view)).not.toThrow();
  });

  it('says what it waits for', () => {
    expect(viewed(given(runStarted(CONVERSATION), modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested()))?.waitingFor).toBe('input');
    expect(viewed(given(...unknown))?.waitingFor).toBe('reconciliation');
    expect(viewed(given(...unknown, runCancelled()))).toMatchObject({ status: 'cancelling', waitingFor: 'reconciliation' });
    expect(viewed(given(...asked))?.waitingFor).toBeUndefined();
  });

  it('says why and when it ended', () => {
    const once = agentWith({ limits: { attemptsMax: 1 } });
    expect(viewed(given(runStarted(once), modelRequested(1, 1), modelFailed(1, busy), runFailed(busy)))).toMatchObject({ status: 'failed', reason: busy.code, failure: busy, endedAt: new Date(NOW).toISOString() });
    expect(viewed(given(runStarted(), runCancelled('not needed')))).toMatchObject({ status: 'cancelled', reason: 'not needed' });
  });
});
