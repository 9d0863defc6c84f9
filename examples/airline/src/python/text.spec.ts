import { describe, expect, it } from 'vitest';
import { floatText, roundToHundredths } from './float-text.ts';
import { pythonRepr, pythonStr } from './text.ts';
import type { PythonValue } from './values.ts';

/** As Python 3.11 prints them. */
const floats: readonly (readonly [number, string])[] = [
  [0, '0.0'],
  [-0, '-0.0'],
  [5, '5.0'],
  [0.1, '0.1'],
  [250, '250.0'],
  [1 / 3, '0.3333333333333333'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [1.2345678901234568e17, '1.2345678901234568e+17'],
  [1e21, '1e+21'],
  [1e22, '1e+22'],
  [1.5e300, '1.5e+300'],
  [0.0001, '0.0001'],
  [1e-5, '1e-05'],
  [1.25e-7, '1.25e-07'],
  [5e-324, '5e-324'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
  [NaN, 'nan'],
  [123456.789, '123456.789'],
];

const strings: readonly (readonly [string, string])[] = [
  ['plain', "'plain'"],
  ["it's", '"it\'s"'],
  ['say "x"', '\'say "x"\''],
  ['both \' and "', "'both \\' and \"'"],
  ['back\\slash', "'back\\\\slash'"],
  ['line\nbreak\ttab', "'line\\nbreak\\ttab'"],
  ['\0\x1f\x7f', "'\\x00\\x1f\\x7f'"],
  ['é\xa0\xad', "'é\\xa0\\xad'"],
  ['中😀', "'中😀'"],
  ['\u200b\u2028\ufeff', "'\\u200b\\u2028\\ufeff'"],
  ['\u{e0001}', "'\\U000e0001'"],
];

describe('the text of a value, as Python writes it', () => {
  it.each(floats)('of the float %d is %s', (value, text) => expect(floatText(value)).toBe(text));
  it.each(strings)('of the string %j is %s', (value, text) => expect(pythonRepr(value)).toBe(text));

  it('names the constants, tells ints from floats, and nests', () => {
    const value: PythonValue = [null, true, false, 5n, 5, 'x', new Map<string, PythonValue>([["it's", []], ['n', [1n]]])];
    expect(pythonRepr(value)).toBe(`[None, True, False, 5, 5.0, 'x', {"it's": [], 'n': [1]}]`);
    expect(pythonStr(value)).toBe(pythonRepr(value));
    expect(pythonStr("it's")).toBe("it's");
  });
});

describe('rounding to two places', () => {
  it.each([
    [2.675, 2.67],
    [0.125, 0.12],
    [0.375, 0.38],
    [0.625, 0.62],
    [-0.875, -0.88],
    [1.005, 1],
    [-0.001, -0],
    [-0, -0],
    [845147187319142.625, 845147187319142.6],
    [2 ** 53 + 2, 2 ** 53 + 2],
    [1e300, 1e300],
    [-Infinity, -Infinity],
    [NaN, NaN],
  ])('%d becomes %d', (value, rounded) => expect(roundToHundredths(value)).toBe(rounded));
});
