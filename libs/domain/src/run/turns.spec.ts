import { describe, expect, it } from 'vitest';
import { CONVERSATION, DESK } from '../testing/agents.ts';
import { modelAnswers, provide, toolAnswers } from '../testing/commands.ts';
import { LATENCY_MS, USAGE, asks, call, content, fact, inputReceived, inputRequested, modelCompleted, modelRequested, runCompleted, runStarted, says, toolCompleted, toolRequested } from '../testing/facts.ts';
import { given } from '../testing/given.ts';
import { type Run } from './state.ts';
import { entriesOf } from './transcript.ts';

const looksUp = asks(call('lookup', { q: 1 }));
const parked = [runStarted(CONVERSATION), modelRequested(1, 1), modelCompleted(1, says('Hi')), inputRequested()];
const rolesOf = (run: Run): string[] => (run.status === 'active' ? entriesOf(run.transcript).map((entry) => entry.role) : []);

describe('an agent of a single turn', () => {
  it('is complete with the first answer that asks for no call', () => {
    const ended = given(runStarted(), modelRequested(1, 1)).when(modelAnswers(1, says('Hi'))).thenExactly(modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi')));
    expect(ended.status).toBe('completed');
  });

  it('is complete with an answer that says nothing at all', () => {
    const silent = { text: null, toolCalls: [] };
    const completed = fact('ModelCallCompleted', { step: 1, attempt: 1, message: content(silent), usage: USAGE, latencyMs: LATENCY_MS });
    given(runStarted(), modelRequested(1, 1)).when(modelAnswers(1, silent)).thenExactly(completed, runCompleted('answer', silent));
  });

  it('takes no further input', () => {
    given(runStarted(), modelRequested(1, 1)).when(provide('More', 'in-1')).thenRejected('run/single-turn');
  });

  it('notes which model has answered where it is another than asked', () => {
    const [completed] = given(runStarted(), modelRequested(1, 1)).when({ ...modelAnswers(1, says('Hi')), model: 'scripted-2' } as never).events();
    expect(completed?.data).toMatchObject({ model: 'scripted-2' });
  });
});

describe('an agent of many turns', () => {
  it('parks the run with an answer, until the next input', () => {
    const waiting = given(runStarted(CONVERSATION), modelRequested(1, 1)).when(modelAnswers(1, says('Hi'))).thenExactly(modelCompleted(1, says('Hi')), inputRequested());
    expect(waiting.status).toBe('waiting');
  });

  it('goes on with the input', () => {
    const going = given(...parked).when(provide('And now?', 'in-1')).thenExactly(inputReceived('And now?', 'in-1'), modelRequested(2, 3));
    expect(going.status).toBe('running');
    expect(rolesOf(going.state)).toEqual(['user', 'assistant', 'user']);
  });

  it('parks again after the next answer', () => {
    given(...parked, inputReceived('And now?', 'in-1'), modelRequested(2, 3)).when(modelAnswers(2, says('Now.'))).thenExactly(modelCompleted(2, says('Now.')), inputRequested());
  });

  it('takes an input once, whatever it says the second time', () => {
    const given2 = given(...parked, inputReceived('And now?', 'in-1'), modelRequested(2, 3));
    given2.when(provide('And now?', 'in-1')).thenDuplicate();
    given2.when(provide('Something else', 'in-1')).thenDuplicate();
  });

  it('keeps inputs that come during a turn, and says them before the next model call, in their order', () => {
    const during = given(runStarted(CONVERSATION), modelRequested(1, 1)).when(provide('Wait', 'in-1')).thenExactly(inputReceived('Wait', 'in-1')).when(provide('Or rather', 'in-2')).thenExactly(inputReceived('Or rather', 'in-2'));
    const said = during.when(modelAnswers(1, says('Hi'))).thenExactly(modelCompleted(1, says('Hi')), modelRequested(2, 4));
    expect(rolesOf(said.state)).toEqual(['user', 'assistant', 'user', 'user']);
  });

  it('says an input that came during tool calls after their results', () => {
    const during = given(runStarted(CONVERSATION), modelRequested(1, 1), modelCompleted(1, looksUp), toolRequested(2, looksUp, 0)).when(provide('Hurry', 'in-1')).thenExactly(inputReceived('Hurry', 'in-1'));
    const said = during.when(toolAnswers(2, 'found')).thenExactly(toolCompleted(2, 'found'), modelRequested(3, 4));
    expect(rolesOf(said.state)).toEqual(['user', 'assistant', 'tool', 'user']);
  });
});

describe('the final input', () => {
  it('is recorded, and completes the run without another model call', () => {
    const ended = given(...parked).when(provide('Thanks, bye', 'in-1', true)).thenExactly(inputReceived('Thanks, bye', 'in-1', true), runCompleted('input', says('Hi')));
    expect(ended.status).toBe('completed');
  });

  it('lets the turn under way come to its end first', () => {
    const during = given(runStarted(CONVERSATION), modelRequested(1, 1)).when(provide('Bye', 'in-1', true)).thenExactly(inputReceived('Bye', 'in-1', true));
    const looking = during.when(modelAnswers(1, looksUp)).thenExactly(modelCompleted(1, looksUp), toolRequested(2, looksUp, 0));
    looking.when(toolAnswers(2, 'found')).thenExactly(toolCompleted(2, 'found'), runCompleted('input', looksUp));
  });

  it('is the last also while the turn is under way: another input is refused rather than lost', () => {
    const during = given(runStarted(CONVERSATION), modelRequested(1, 1), inputReceived('Bye', 'in-1', true));
    during.when(provide('One more', 'in-2')).thenRejected('run/ended');
    during.when(provide('Bye', 'in-1', true)).thenDuplicate();
  });

  it('sent again after the run has ended is the same input, not a refusal', () => {
    given(...parked, inputReceived('Bye', 'in-1', true), runCompleted('input', says('Hi'))).when(provide('Bye', 'in-1', true)).thenDuplicate();
  });

  it('is the end: another input is refused', () => {
    given(...parked, inputReceived('Bye', 'in-1', true), runCompleted('input', says('Hi'))).when(provide('One more', 'in-2')).thenRejected('run/ended');
  });
});

describe('a run that has ended', () => {
  it('takes no input', () => {
    given(runStarted(DESK), modelRequested(1, 1), modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(provide('More', 'in-1')).thenRejected('run/ended');
  });
});
