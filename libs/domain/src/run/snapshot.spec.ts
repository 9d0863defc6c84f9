import { describe, expect, it } from 'vitest';
import { CONVERSATION } from '../testing/agents.ts';
import { modelAnswers, provide, start } from '../testing/commands.ts';
import { asks, call, inputReceived, modelCompleted, modelRequested, runCompleted, runStarted, says, toolDispatched, toolRequested } from '../testing/facts.ts';
import { given } from '../testing/given.ts';
import { runDecider } from './decide.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import { ABSENT } from './state.ts';

const books = asks(call('book', { flight: 'X1' }));

describe('a snapshot', () => {
  it.each([
    ['no run', given()],
    ['a run that was just started', given(runStarted(CONVERSATION), modelRequested(1, 1))],
    ['a run with a turn under way and an input that waits', given(runStarted(CONVERSATION), modelRequested(1, 1), modelCompleted(1, books), toolRequested(2, books, 0), toolDispatched(2), inputReceived('Hurry', 'in-1'))],
    ['a run that has ended', given(runStarted(), modelRequested(1, 1), modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi')))],
  ])('of %s gives it back', (_what, { state }) => {
    expect(readSnapshot(writeSnapshot(state))).toEqual(state);
  });

  it('of another version of the rules is not used', () => {
    const text = writeSnapshot(given(runStarted()).state).replace(`{"version":${runDecider.version},`, `{"version":${runDecider.version + 1},`);
    expect(readSnapshot(text)).toBeUndefined();
    expect(readSnapshot(writeSnapshot(ABSENT).replace(String(runDecider.version), '0'))).toBeUndefined();
  });

  it('decides as the run itself does', () => {
    const parked = given().when(start(CONVERSATION)).after().when(modelAnswers(1, says('Hi'))).after();
    const restored = readSnapshot(writeSnapshot(parked.state)) ?? ABSENT;
    const decide = (state: typeof restored) => runDecider.decide(state, { id: 'c', tenant: 'acme', run: 'r', time: 1, actor: 'a', worker: 'w', command: provide('More', 'in-1') }, String);
    expect(decide(restored)).toEqual(decide(parked.state));
  });

  it('holds no text of the run, only where it stands', () => {
    const text = writeSnapshot(given(runStarted(CONVERSATION, 'A long story'), modelRequested(1, 1), modelCompleted(1, says('A long answer'))).state);
    expect(text).not.toContain('A long');
    expect(text).not.toContain('Help the traveller.');
  });
});
