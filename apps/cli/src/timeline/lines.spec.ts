import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { styleOf, type Terminal } from '../terminal/terminal.ts';
import { cellsOf } from '../terminal/text.ts';
import { asking, asks, content, dispatched, fact, FAILURE, known, modelRequested, recorded, returns, says, started, STARTED_AT, toolFails, toolRequested, type Fact } from '../testing/events.ts';
import { layoutFor, linesOf } from './lines.ts';
import { LiveTimeline } from './live-timeline.ts';
import { eventLine } from './list-events.ts';
import { Timeline } from './timeline.ts';

interface Look {
  readonly columns?: number;
  readonly full?: boolean;
  readonly coloured?: boolean;
}

function shown(facts: readonly Fact[], { columns = 110, full = false, coloured = false }: Look = {}): string[] {
  const timeline = new Timeline();
  for (const event of recorded(...facts)) timeline.apply(event);
  const layout = layoutFor(timeline.entries, { columns, full, style: styleOf(coloured), startedAt: STARTED_AT });
  return timeline.entries.flatMap((entry) => linesOf(entry, layout));
}

async function followed(facts: readonly Fact[]): Promise<string[]> {
  const lines: string[] = [];
  const terminal: Terminal = { interactive: false, columns: 110, style: styleOf(false), print: async (text) => void lines.push(...text.split('\n')), tell: () => undefined };
  const live = new LiveTimeline(terminal);
  for (const event of recorded(...facts)) await live.apply(event);
  await live.end();
  return lines;
}

const looks = asking(['lookup', { order: 'A-17' }]);
const refunds = asking(['refund', { amount: 88 }]);
const retried = [fact('ModelCallFailed', { step: 1, attempt: 1, failure: FAILURE, latencyMs: 400 }), fact('RetryScheduled', { step: 1, attempt: 2, failure: FAILURE, at: Date.parse(STARTED_AT) + 2500 })];
const unknown = [toolRequested(2, refunds, 0), dispatched(2), fact('AttemptLost', { step: 2, attempt: 1 }), fact('EffectUnknown', { step: 2, attempt: 1, reason: 'The worker was lost.' })];
const reconciled = fact('EffectReconciled', { step: 2, by: 'person', outcome: { applied: false, output: content('Error: none'), reason: 'Looked.' } });

const CONVERSATION = [
  started(), modelRequested(1), ...retried, modelRequested(1, 2), { ...asks(1, looks), data: { ...(asks(1, looks).data as object), attempt: 2 } },
  toolRequested(2, looks, 0), returns(2, 'found'), modelRequested(3), says(3, 'It is on its way.'), fact('InputRequested', {}),
];

describe('the lines of a timeline', () => {
  it('are one for each step, and what else happened to it below', () => {
    expect(shown(CONVERSATION)).toEqual([
      '    input      +0 ms  Where is my order?',
      ' 1  model  scripted-1  ok ×2  900 ms  1,200→85  → lookup {"order":"A-17"}',
      '    ↳ attempt 1 failed after 400 ms: [transient_upstream] The shop is closed. (tool/down)',
      '    ↳ attempt 2 due 500 ms later',
      ' 2  tool   lookup      ok       5 ms            {"order":"A-17"} → found',
      ' 3  model  scripted-1  ok      1.2 s  1,200→85  It is on its way.',
      '    run      +10.0 s  waits for input',
    ]);
  });

  it('say why a call failed, was denied, or is not known to have had its effect', () => {
    const both = asking(['lookup', {}], ['pay', {}]);
    expect(shown([started(), modelRequested(1), asks(1, both), toolRequested(2, both, 0), fact('ToolCallDenied', { step: 3, tool: 'pay', message: known(both).hash, call: 1, code: 'tool/unknown', output: content('There is no tool pay.') }), toolFails(2, 1, 'Error: closed')]).slice(2)).toEqual([
      ' 2  tool   lookup      failed   30 ms            {} → [transient_upstream] Error: closed',
      ' 3  tool   pay         denied                    {} → [tool/unknown] There is no tool pay.',
    ]);
    expect(shown([started(), modelRequested(1), asks(1, refunds), ...unknown]).slice(2)).toEqual([' 2  tool   refund      unknown                    {"amount":88} → outcome unknown: The worker was lost.']);
  });

  it('tell what became of an unknown effect', () => {
    expect(shown([started(), modelRequested(1), asks(1, refunds), ...unknown, reconciled]).slice(2)).toEqual([
      ' 2  tool   refund      not applied                    {"amount":88} → Error: none',
      '    ↳ attempt 1: outcome unknown: The worker was lost.',
      '    ↳ reconciled by a person: it had no effect: Looked.',
    ]);
  });

  it('say of a step that waits for its next attempt why, of one under way that nothing is known', () => {
    expect(shown([started(), modelRequested(1), ...retried])[1]).toContain('retry  400 ms  [transient_upstream] The shop is closed. (tool/down)');
    expect(shown([started(), modelRequested(1)])[1]).toMatch(/open .*no outcome yet$/);
  });

  it('take no more columns than the terminal has, whatever is said', () => {
    const long = 'Grüße 日本語 🎉 '.repeat(400);
    const facts = [started(long), modelRequested(1), asks(1, asking(['lookup', { long }])), toolRequested(2, asking(['lookup', { long }]), 0), returns(2, long), modelRequested(3), says(3, long), fact('RunFailed', { reason: 'x', failure: { ...FAILURE, message: long.slice(0, 4000) } })];
    for (const columns of [60, 80, 133]) {
      const lines = shown(facts, { columns });
      expect(Math.max(...lines.map(cellsOf))).toBeLessThanOrEqual(columns);
      expect(lines).toHaveLength(5);
    }
  });

  it('cannot be steered by what a model or a tool says', () => {
    const evil = 'x\u001b[2J\u202ey';
    const all = [started(evil), modelRequested(1), says(1, evil)];
    expect([...shown(all), ...shown(all, { full: true })].join('\n')).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u);
  });

  it('give whole texts where they are asked for', () => {
    expect(shown([started('one\ntwo'), modelRequested(1), asks(1, refunds), ...unknown, reconciled], { full: true })).toEqual([
      '    input      +0 ms  one two',
      '    input        one',
      '                 two',
      ' 1  model  scripted-1  ok           900 ms  1,200→85  → refund {"amount":88}',
      '    calls        refund {"amount":88}',
      ' 2  tool   refund      not applied                    {"amount":88} → Error: none',
      '    ↳ attempt 1: outcome unknown: The worker was lost.',
      '    ↳ reconciled by a person: it had no effect: Looked.',
      '    about        effect once',
      '    arguments    {"amount":88}',
      '    output       Error: none',
    ]);
  });

  it('are coloured without a change to their width', () => {
    const coloured = shown(CONVERSATION, { coloured: true });
    expect(coloured.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(shown(CONVERSATION));
    expect(coloured).not.toEqual(shown(CONVERSATION));
  });
});

describe('a timeline that is followed', () => {
  it('tells of a step once its outcome is there, and of failed attempts as they fail', async () => {
    expect(await followed(CONVERSATION)).toEqual([
      '     input      +0 ms  Where is my order?',
      '  1  ↳ attempt 1 failed after 400 ms: [transient_upstream] The shop is closed. (tool/down)',
      '  1  ↳ attempt 2 due 500 ms later',
      '  1  model  scripted-1          ok ×2   900 ms   1,200→85  → lookup {"order":"A-17"}',
      '  2  tool   lookup              ok        5 ms             {"order":"A-17"} → found',
      '  3  model  scripted-1          ok       1.2 s   1,200→85  It is on its way.',
      '     run      +10.0 s  waits for input',
    ]);
  });

  it('tells of unknown effects and what became of them', async () => {
    expect((await followed([started(), modelRequested(1), asks(1, refunds), ...unknown, reconciled])).slice(2)).toEqual([
      '  2  ↳ attempt 1 lost: its worker is gone',
      '  2  ↳ attempt 1: outcome unknown: The worker was lost.',
      '  2  tool   refund              not applied                     {"amount":88} → Error: none',
      '  2  ↳ reconciled by a person: it had no effect: Looked.',
    ]);
  });

  it('ends with the steps that have no outcome', async () => {
    expect((await followed([started(), modelRequested(1), fact('RunCancelled', { reason: 'mistake' })])).slice(1)).toEqual(['     run       +2.0 s  cancelled (mistake)', '  1  model  scripted-1          open                       no outcome yet']);
  });
});

describe('the line of an event', () => {
  const look = { columns: 110, style: styleOf(false) };
  const lines = recorded(started('Hello'), modelRequested(1), says(1, 'Hi')).map((event) => eventLine(event, look));

  it('has its sequence, time and type, and what it says without its digests', () => {
    expect(lines[0]).toMatch(/^ {4}1 {2}2026-01-15T09:00:00\.000Z {2}RunStarted {10}agent "support@3f9a2c71" · input "Hello"/);
    expect(lines[1]).toMatch(/^ {4}2 .* ModelCallRequested {2}step 1 attempt 1 · model scripted-1 · messages 1/);
    expect(lines[2]).toMatch(/message \{"text":"Hi"\} · usage/);
    expect(Math.max(...lines.map(cellsOf))).toBeLessThanOrEqual(110);
  });

  it('is there for an event of any shape', () => {
    const [odd] = recorded({ type: 'Whatever\u001b[2J', data: undefined });
    expect(eventLine(odd!, look)).toMatch(/Whatever␛\[2J/);
  });
});
