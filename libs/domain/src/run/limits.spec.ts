import { describe, expect, it } from 'vitest';
import { type Failure } from '@runledger/contracts';
import { agentWith } from '../testing/agents.ts';
import { failureOf, fireTimers, modelAnswers, modelFails, provide, start, toolAnswers } from '../testing/commands.ts';
import {
  NOW, asks, call, inputReceived, inputRequested, modelCompleted, modelFailed, modelRequested, runCompleted, runExpired, runFailed, runStarted, says, timerFired, toolCompleted, toolDenied, toolRequested,
} from '../testing/facts.ts';
import { given, type Situation } from '../testing/given.ts';
import { nextWakeAt } from './state.ts';

const exceeded = (code: string, message: string): Failure => ({ class: 'policy_denied', origin: 'policy', code, message });
const looksUp = asks(call('lookup', { q: 1 }));
const twice = asks(call('lookup', { q: 1 }), call('lookup', { q: 2 }));
const endOf = ({ state }: Situation) => (state.status === 'absent' || state.status === 'active' ? state.status : [state.status, state.reason]);

describe('the limit of', () => {
  it('model calls fails the run that needs one more', () => {
    const one = agentWith({ limits: { modelCallsMax: 1 } });
    const ended = given(runStarted(one), modelRequested(1, 1), modelCompleted(1, looksUp), toolRequested(2, looksUp, 0))
      .when(toolAnswers(2, 'found')).thenExactly(toolCompleted(2, 'found'), runFailed(exceeded('limit/model-calls', 'The agent allows 1 model calls in a run.')));
    expect(endOf(ended)).toEqual(['failed', 'limit/model-calls']);
  });

  it('model calls does not count later attempts of a call', () => {
    const one = agentWith({ limits: { modelCallsMax: 1 } });
    const busy = failureOf('rate_limited', { origin: 'model' });
    given(runStarted(one), modelRequested(1, 1)).when(modelFails(1, busy)).after()
      .when(fireTimers(), NOW + 500).thenExactly(timerFired('retry', 1), modelRequested(1, 1, { attempt: 2, at: NOW + 500 }))
      .when(modelAnswers(1, says('Hi'), { attempt: 2 })).thenExactly(modelCompleted(1, says('Hi'), { attempt: 2 }), runCompleted('answer', says('Hi')));
  });

  it('steps fails a run whose next model call would exceed it', () => {
    const two = agentWith({ limits: { stepsMax: 2 } });
    const ended = given(runStarted(two), modelRequested(1, 1), modelCompleted(1, looksUp), toolRequested(2, looksUp, 0))
      .when(toolAnswers(2, 'found')).thenExactly(toolCompleted(2, 'found'), runFailed(exceeded('limit/steps', 'The agent allows 2 steps in a run.')));
    expect(endOf(ended)).toEqual(['failed', 'limit/steps']);
  });

  it('steps fails a run whose tool calls would exceed it, before any of them begins', () => {
    const two = agentWith({ limits: { stepsMax: 2 } });
    given(runStarted(two), modelRequested(1, 1)).when(modelAnswers(1, twice)).thenExactly(modelCompleted(1, twice), runFailed(exceeded('limit/steps', 'The agent allows 2 steps in a run.')));
  });

  it('tool calls in a turn fails the run before any of them begins', () => {
    const one = agentWith({ limits: { toolCallsPerTurnMax: 1 } });
    const ended = given(runStarted(one), modelRequested(1, 1)).when(modelAnswers(1, twice))
      .thenExactly(modelCompleted(1, twice), runFailed(exceeded('limit/tool-calls-per-turn', 'The model asked for 2 tool calls at once; the agent allows 1.')));
    expect(endOf(ended)).toEqual(['failed', 'limit/tool-calls-per-turn']);
  });

  it('tool calls in a run counts those that were denied', () => {
    const two = agentWith({ limits: { toolCallsMax: 2 } });
    const denied = asks(call('teleport'));
    const ended = given(runStarted(two), modelRequested(1, 1), modelCompleted(1, denied), toolDenied(2, denied, 0), modelRequested(3, 3)).when(modelAnswers(3, twice))
      .thenExactly(modelCompleted(3, twice), runFailed(exceeded('limit/tool-calls', 'The agent allows 2 tool calls in a run.')));
    expect(endOf(ended)).toEqual(['failed', 'limit/tool-calls']);
  });

  it('inputs refuses one more, and leaves the run as it is', () => {
    const two = agentWith({ turns: 'many', limits: { inputsMax: 2 } });
    const full = given(runStarted(two), modelRequested(1, 1), inputReceived('More', 'in-1'));
    full.when(provide('Even more', 'in-2')).thenRejected('run/inputs-exceeded');
    full.when(provide('More', 'in-1')).thenDuplicate();
    expect(full.status).toBe('running');
  });

  it('attempts fails the run with what the last of them said', () => {
    const once = agentWith({ limits: { attemptsMax: 1 } });
    const busy = failureOf('rate_limited', { origin: 'model', code: 'provider/overloaded' });
    const ended = given(runStarted(once), modelRequested(1, 1)).when(modelFails(1, busy)).thenExactly(modelFailed(1, busy), runFailed(busy));
    expect(endOf(ended)).toEqual(['failed', 'provider/overloaded']);
  });
});

describe('the deadline of a run', () => {
  const hasty = agentWith({ turns: 'many', limits: { deadlineMs: 10_000 } });
  const started = runStarted(hasty, 'Hello', { deadlineAt: NOW + 10_000 });

  it('expires a run that waits', () => {
    const parked = given(started, modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested());
    expect(nextWakeAt(parked.state)).toBe(NOW + 10_000);
    const ended = parked.when(fireTimers(), NOW + 10_000).thenExactly(timerFired('deadline'), runExpired());
    expect(endOf(ended)).toEqual(['expired', 'deadline']);
  });

  it('has not come a millisecond before', () => {
    given(started, modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested()).when(fireTimers(), NOW + 9_999).thenDuplicate();
  });

  it('lets the attempt under way come to its end, and begins nothing after it', () => {
    const stopping = given(started, modelRequested(1, 1)).when(fireTimers(), NOW + 10_000).thenExactly(timerFired('deadline'), runExpired());
    expect(stopping.status).toBe('cancelling');
    const ended = stopping.when(modelAnswers(1, looksUp), NOW + 11_000).thenExactly(modelCompleted(1, looksUp));
    expect(endOf(ended)).toEqual(['expired', 'deadline']);
  });

  it('holds for a paused run too', () => {
    const paused = given(started, modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested()).when({ type: 'PauseRun' }).after();
    paused.when(fireTimers(), NOW + 10_000).thenExactly(timerFired('deadline'), runExpired());
  });

  it('is the start plus what the agent allows, also where the start came late', () => {
    const [first] = given().when(start(hasty), NOW + 500).events();
    expect(first?.data).toMatchObject({ deadlineAt: NOW + 10_500 });
  });
});
