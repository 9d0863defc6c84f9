import { describe, expect, it } from 'vitest';
import { asking, asks, content, dispatched, fact, FAILURE, known, modelRequested, recorded, returns, RUN, says, started, STARTED_AT, toolFails, toolRequested, USAGE, type Fact } from '../testing/events.ts';
import { Timeline } from './timeline.ts';

function timelineOf(...facts: readonly Fact[]): Timeline {
  const timeline = new Timeline();
  for (const event of recorded(...facts)) timeline.apply(event);
  return timeline;
}

const entriesOf = (...facts: readonly Fact[]) => timelineOf(...facts).entries;
const stepOf = (number: number, ...facts: readonly Fact[]) => entriesOf(...facts).find((entry) => 'step' in entry && entry.step === number);
const looks = asking(['lookup', { order: 'A-17' }]);
const refunds = asking(['refund', { amount: 88 }]);
const asked = (message = looks) => [started(), modelRequested(1), asks(1, message)];
const unknown = [...asked(refunds), toolRequested(2, refunds, 0), dispatched(2), fact('AttemptLost', { step: 2, attempt: 1 }), fact('EffectUnknown', { step: 2, attempt: 1, reason: 'The worker was lost.' })];

describe('the timeline of a run', () => {
  it('has an entry for each input, step and turn of events, in the order in which they began', () => {
    const entries = entriesOf(...asked(), toolRequested(2, looks, 0), returns(2, 'found'), modelRequested(3), says(3, 'It is on its way.'), fact('InputRequested', {}), fact('InputReceived', { input: content('Thanks'), inputId: 'in-1', final: true }), fact('RunCompleted', { reason: 'input' }));
    expect(entries.map((entry) => ('step' in entry ? `${entry.step} ${entry.kind} ${entry.name} ${entry.status}` : 'text' in entry ? `input ${entry.text}` : `${entry.kind} ${entry.what}`))).toEqual([
      'input Where is my order?', '1 model scripted-1 ok', '2 tool lookup ok', '3 model scripted-1 ok', 'note waits for input', 'input Thanks', 'end completed (input)',
    ]);
    expect(entries[0]).toEqual({ kind: 'input', at: STARTED_AT, text: 'Where is my order?' });
    expect(entries[5]).toMatchObject({ final: true });
  });

  it('tells what the model said and asked for, its time and its tokens', () => {
    expect(stepOf(1, ...asked())).toMatchObject({ text: null, calls: [{ tool: 'lookup', arguments: '{"order":"A-17"}' }], usage: USAGE, latencyMs: 900 });
  });

  it('notes which model has answered where it is another than asked', () => {
    expect(stepOf(1, started(), modelRequested(1), fact('ModelCallCompleted', { step: 1, attempt: 1, message: content({ text: 'Hi' }), usage: USAGE, latencyMs: 1, model: 'scripted-2' }))).toMatchObject({ name: 'scripted-1', answeredBy: 'scripted-2' });
  });

  it('finds the arguments of a call in the message that asked for it', () => {
    expect(stepOf(2, ...asked(), toolRequested(2, looks, 0), returns(2, 'found'))).toMatchObject({ arguments: '{"order":"A-17"}', output: 'found', effect: 'none' });
  });

  it('finds a content that stands earlier in the run by its hash', () => {
    expect(stepOf(3, ...asked(), toolRequested(2, looks, 0), returns(2, 'found'), toolRequested(3, looks, 0), fact('ToolCallCompleted', { step: 3, attempt: 1, output: known('found'), latencyMs: 0 }))).toMatchObject({ output: 'found' });
  });
});

describe('attempts', () => {
  it('that failed are kept, with when the next one is due and what they cost', () => {
    const at = Date.parse(STARTED_AT) + 2500;
    const failed = fact('ModelCallFailed', { step: 1, attempt: 1, failure: FAILURE, latencyMs: 400, usage: { inputTokens: 100, outputTokens: 0, cacheReadTokens: 7 } });
    const step = stepOf(1, started(), modelRequested(1), failed, fact('RetryScheduled', { step: 1, attempt: 2, failure: FAILURE, at }), fact('TimerFired', { timer: 'retry', step: 1 }), modelRequested(1, 2), says(1, 'Hi', 2));
    expect(step).toMatchObject({ status: 'ok', usage: { inputTokens: 1300, outputTokens: 85, cacheReadTokens: 7 }, attempts: [{ attempt: 1, status: 'failed', failure: FAILURE, latencyMs: 400, retryAt: at }, { attempt: 2, status: 'ok', latencyMs: 1234 }] });
  });

  it('leave their step waiting while the next one is not due', () => {
    expect(stepOf(2, ...asked(), toolRequested(2, looks, 0), toolFails(2), fact('RetryScheduled', { step: 2, attempt: 2, failure: FAILURE, at: Date.parse(STARTED_AT) }))).toMatchObject({ status: 'retry' });
  });

  it('whose worker is gone are lost, and a result that comes late still costs', () => {
    const step = stepOf(1, started(), modelRequested(1), fact('AttemptLost', { step: 1, attempt: 1 }), modelRequested(1, 2), says(1, 'Hi', 2), fact('LateResultRecorded', { step: 1, attempt: 1, usage: USAGE }));
    expect(step).toMatchObject({ status: 'ok', usage: { inputTokens: 2400, outputTokens: 170 }, attempts: [{ status: 'lost', late: { usage: USAGE } }, { status: 'ok' }] });
  });

  it('of a call that failed for good end with what the model is told', () => {
    expect(stepOf(2, ...asked(), toolRequested(2, looks, 0), toolFails(2, 1, 'Error: closed'))).toMatchObject({ status: 'failed', output: 'Error: closed', latencyMs: 30 });
  });
});

describe('an effect', () => {
  it('whose outcome is unknown is unsettled', () => {
    const timeline = timelineOf(...unknown);
    expect(timeline.unsettled).toMatchObject([{ step: 2, name: 'refund', status: 'unknown', attempts: [{ status: 'unknown', unknown: 'The worker was lost.', worker: 'worker-1' }] }]);
  });

  it('is settled once somebody has said what became of it', () => {
    const applied = fact('EffectReconciled', { step: 2, by: 'late-result', outcome: { applied: true, output: content('Booked.') } });
    const not = fact('EffectReconciled', { step: 2, by: 'person', outcome: { applied: false, output: content('Error: none'), reason: 'Looked.' } });
    expect(stepOf(2, ...unknown, applied)).toMatchObject({ status: 'applied', output: 'Booked.', reconciled: { by: 'late-result' } });
    expect(stepOf(2, ...unknown, not)).toMatchObject({ status: 'not applied', output: 'Error: none', reconciled: { by: 'person', reason: 'Looked.' } });
    expect(timelineOf(...unknown, not).unsettled).toEqual([]);
  });

  it('that joins an equal one says so', () => {
    const twice = asking(['refund', { amount: 88 }], ['refund', { amount: 88 }]);
    expect(stepOf(3, ...asked(twice), toolRequested(2, twice, 0), toolRequested(3, twice, 1, { joins: 2 }))).toMatchObject({ status: 'open', joins: 2 });
  });

  it('that was denied has no attempt', () => {
    const pays = asking(['pay', {}]);
    expect(stepOf(2, ...asked(pays), fact('ToolCallDenied', { step: 2, tool: 'pay', message: known(pays).hash, call: 0, code: 'tool/unknown', output: content('There is no tool pay.') }))).toMatchObject({ status: 'denied', code: 'tool/unknown', attempts: [], arguments: '{}', output: 'There is no tool pay.' });
  });
});

describe('the turns of a run', () => {
  it.each([
    [fact('RunPaused', { reason: 'release' }), 'note', 'paused (release)'],
    [fact('RunResumed', {}), 'note', 'resumed'],
    [fact('RunCancelled', {}), 'end', 'cancelled'],
    [fact('RunExpired', { reason: 'deadline' }), 'end', 'expired (deadline)'],
    [fact('RunFailed', { reason: 'tool/down', failure: FAILURE }), 'end', 'failed (tool/down): The shop is closed.'],
  ])('%j', (turn, kind, what) => {
    expect(entriesOf(started(), turn).at(-1)).toMatchObject({ kind, what });
  });
});

describe('an event that this program does not know', () => {
  it.each([{ type: 'ChildRunStarted', data: { run: RUN } }, { type: 'RunPaused', data: { since: 'a later version' } }, { type: 'constructor', data: {} }])('is told as such: $type', (later) => {
    expect(entriesOf(started(), later).at(-1)).toMatchObject({ kind: 'note', what: `an event that this version of runledger does not know: ${later.type} (urn:runledger:event:${later.type}:v1)` });
  });

  it('is passed over where it is about a step that never began', () => {
    expect(entriesOf(started(), returns(9, 'x'), toolFails(9), says(9, 'x'), dispatched(9), fact('AttemptLost', { step: 9, attempt: 1 }))).toHaveLength(1);
  });
});
