import { describe, expect, it } from 'vitest';
import { atLeast, atMost, figureOf, verdictOn } from './figure.ts';
import { PartBuilder, partText } from './results.ts';
import { median, quantile } from './statistics.ts';
import { markdownTable, numberText } from './table.ts';

const watched = (value: number, foreignCores: number) => ({ value, seconds: 1, foreignCores, cpu: {} });

describe('statistics', () => {
  it('take the smallest value that the share does not exceed', () => {
    expect([quantile([3, 1, 2, 4], 0.5), quantile([3, 1, 2, 4], 0.95), quantile([7], 0.5)]).toEqual([2, 4, 7]);
  });

  it('take the middle, or the mean of the two in the middle', () => {
    expect([median([9, 1, 5]), median([4, 1, 2, 9])]).toEqual([5, 3]);
  });
});

describe('a figure', () => {
  const verdict = (values: number, target: ReturnType<typeof atLeast>) => verdictOn(figureOf({ id: 'x', what: 'x', unit: '', values, target }));

  it('is held against what was asked for, in its direction', () => {
    expect([19, 20, 40].map((value) => verdict(value, atLeast(20, 40)))).toEqual(['MISSED', 'must met', 'goal met']);
    expect([0.5, 0.4, 0.2].map((value) => verdict(value, atMost(0.4, 0.25)))).toEqual(['MISSED', 'must met', 'goal met']);
    expect(verdict(1, atMost(2))).toBe('must met');
  });

  it('is shown with the digits that count', () => {
    expect([49_512.7, 0.123456, 12.345, 42, NaN].map(numberText)).toEqual(['49 513', '0.123', '12.3', '42', '–']);
    expect(markdownTable([figureOf({ id: 'x', what: 'steps', unit: '/s', values: [1, 2, 3], target: atLeast(2) })])).toContain('| steps | 2 | 1–3 | /s | ≥ 2 | must met |');
  });
});

describe('repeats', () => {
  it('are discarded where other programs took part, and that is told', () => {
    const part = new PartBuilder('Loads');
    expect(part.undisturbed('load', [watched(1, 0), watched(2, 0.5)])).toEqual({ kept: [watched(1, 0)], disturbed: false });
    expect(partText(part.end())).toContain('load: 1 of 2 repeats discarded (other programs used 0, 0.5 cores).');
  });

  it('are all taken, and marked, if none was undisturbed', () => {
    const part = new PartBuilder('Loads');
    expect(part.undisturbed('load', [watched(1, 1), watched(2, 0.5)])).toMatchObject({ kept: [{ value: 1 }, { value: 2 }], disturbed: true });
  });
});
