/** Whatever fits the schema of a command leads to events that fit theirs: no input can make a record that is not written. */
import { describe, expect, it } from 'vitest';
import { TIME_MAX, clientCommand, ownerCommand, type RunCommand } from '@runledger/contracts';
import { agentWith } from '../testing/agents.ts';
import { cancel, failureOf, fireTimers, lose, modelAnswers, modelFails, pause, provide, reconcileNotApplied, start, toolAnswers, toolFails } from '../testing/commands.ts';
import { WORKER_LOST, asks, attemptLost, call, effectUnknown, modelCompleted, modelRequested, runStarted, says, toolDispatched, toolRequested } from '../testing/facts.ts';
import { given, type Situation } from '../testing/given.ts';

const asked = [runStarted(agentWith({ turns: 'many' })), modelRequested(1, 1)];
const turn = asks(call('book'), call('refund'), call('lookup'));
const working = [...asked, modelCompleted(1, turn), toolRequested(2, turn, 0), toolDispatched(2), toolRequested(3, turn, 1), toolDispatched(3), toolRequested(4, turn, 2)];
const unknown = [...working, attemptLost(2), effectUnknown(2, WORKER_LOST)];
const longest = (characters: number): string => '😀'.repeat(characters / 2);
const failure = failureOf('timeout', { code: 'c'.repeat(100), message: longest(4000), retryAfterMs: Number.MAX_SAFE_INTEGER });
const usage = { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 0 };
const eternal = agentWith({ unknownToolText: '{tool}'.repeat(83), limits: { deadlineMs: 315_360_000_000, modelTimeoutMs: 86_400_000 } });

describe('at its extremes', () => {
  it.each<[string, Situation, RunCommand]>([
    ['a start', given(), start(eternal, longest(200_000), { key: '~'.repeat(200), metadata: Object.fromEntries(Array.from({ length: 32 }, (_, k) => [`${k}`.padStart(64, 'm'), longest(1000)])) })],
    ['an input', given(...asked), provide('\ud800', '!')],
    ['a cancellation', given(...asked), cancel(longest(1000))],
    ['a pause', given(...asked), pause('')],
    ['an answer without words', given(...asked), modelAnswers(1, { text: '' })],
    ['an answer with strange calls', given(...asked), modelAnswers(1, asks(call('\ud800', ''), call(longest(200), '['.repeat(20_000)), call('__proto__', '{"__proto__":1}'), call('book', '\ud800')))],
    ['an answer with more calls than are allowed', given(...asked), modelAnswers(1, asks(...Array.from({ length: 1000 }, () => call('lookup'))))],
    ['an answer of a model with a long name', given(...asked), { ...modelAnswers(1, says('Hi'), { usage }), model: 'm'.repeat(200) } as RunCommand],
    ['a failure of a model', given(...asked), modelFails(1, failure, { usage, jitter: 0 })],
    ['a result of a tool', given(...working), toolAnswers(4, '\ud800\u2028\u0000')],
    ['a failure of a tool', given(...working), toolFails(4, failure)],
    ['a failure in doubt of an idempotent effect', given(...working), toolFails(3, failure, { outcomeUnknown: true })],
    ['a failure in doubt of an effect that must not be repeated', given(...working), toolFails(2, failure, { outcomeUnknown: true })],
    ['a late failure', given(...unknown), toolFails(2, { ...failure, class: 'internal' })],
    ['a success told as a failure', given(...working), toolFails(2, { ...failure, class: 'already_applied', message: '' })],
    ['a reconciliation', given(...unknown), reconcileNotApplied(2, longest(1000))],
    ['a loss', given(...working), lose([2, 1], [3, 1], [4, 1])],
    ['timers', given(...working), fireTimers()],
  ])('%s is written', (_what, situation, command) => {
    expect(clientCommand.safeParse(command).success || ownerCommand.safeParse(command).success, 'the command fits its schema').toBe(true);
    situation.when(command, TIME_MAX).after();
  });

  it('a tool that is not known may have the longest name, and the agent the longest words for it', () => {
    given(runStarted(eternal), modelRequested(1, 1)).when(modelAnswers(1, asks(call('t'.repeat(200)))), TIME_MAX).after();
  });
});
