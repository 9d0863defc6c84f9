import { describe, expect, it } from 'vitest';
import { explore, printed } from './explore.ts';
import { ALL_RULES, type Bounds, type Rules } from './model.ts';

/** Two owners claim once each, or one of them twice; requests hold one or two commands. */
const TWO_CLAIMS: Bounds = { commands: 2, batchMax: 2, recordsMax: 5, claimsMax: 2, lateMax: 1 };
/** Less to decide, but a partition that changes hands twice. */
const THREE_CLAIMS: Bounds = { commands: 1, batchMax: 1, recordsMax: 5, claimsMax: 3, lateMax: 1 };
const STATES_MAX = 1_000_000;

describe('with all rules', () => {
  it.each([
    ['two claims', TWO_CLAIMS],
    ['three claims', THREE_CLAIMS],
  ])('no state that can be reached breaks an invariant (%s)', (name, bounds) => {
    const { states, moves, complete, depth, made, seen, counterexample } = explore({ rules: ALL_RULES, bounds, statesMax: STATES_MAX });
    console.log(`${name}: ${states} states, ${moves} moves, up to ${depth} steps away;`, JSON.stringify(seen));
    expect(counterexample === undefined ? '' : printed(counterexample)).toBe('');
    expect(complete).toBe(true);
    expect(states).toBeGreaterThanOrEqual(100_000);
    const sendings = ['claim', 'decide'].flatMap((sending) => ['acknowledged', 'ack-lost', 'dropped', 'late', 'doubled', 'doubled-ack-lost'].map((fate) => `${sending}/${fate}`));
    for (const kind of ['start', 'crash', 'read', 'late-arrives', ...sendings]) expect(made, kind).toHaveProperty([kind]);
    // A gap is not among them: an owner that keeps the rules never sends a record after one that may be missing.
    for (const what of ['stale-writer', 'repeated', 'late-claim', 'taken-over', 'all-applied'] as const) expect(seen[what], what).toBeGreaterThan(0);
    if (bounds.claimsMax > 2) expect(seen['taken-over-twice']).toBeGreaterThan(0);
  });
});

describe('without one of the rules, something breaks', () => {
  it.each<[string, Partial<Rules>, string]>([
    ['1: acting on what was acknowledged, at whatever offset', { offsetChecked: false }, 'acted'],
    ['2: a claim takes effect wherever it lands', { follows: false }, 'once'],
    ['2: a record counts whatever its n', { n: false }, 'once'],
    ['2: a claim uses the writer id of an earlier one', { freshWriter: false }, 'once'],
    ['3: going on in the same epoch after a write error', { afterError: 'same-epoch' }, 'once'],
    ['3: sending bytes of an old epoch again', { afterError: 'same-bytes' }, 'acted'],
    ['3: going on with a producer that has failed', { afterError: 'same-producer' }, 'acted'],
  ])('rule %s', (name, without, invariant) => {
    const { counterexample } = explore({ rules: { ...ALL_RULES, ...without }, bounds: TWO_CLAIMS, statesMax: STATES_MAX });
    if (counterexample === undefined) throw new Error('No counterexample was found.');
    console.log(`Without rule ${name}\n${printed(counterexample)}\n`);
    expect(counterexample.invariant).toBe(invariant);
    expect(counterexample.steps.length).toBeGreaterThan(3);
  });
});
