import { describe, expect, it } from 'vitest';
import { PythonException } from '../python/values.ts';
import { calculate } from './calculate.ts';

/** An expression, and what Python 3.11 makes of it: `str(round(float(eval(expression)), 2))`, or the message of what it raises. */
type Cases = readonly (readonly [expression: string, answer: string])[];

const leadingZeros = 'leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers (<string>, line 1)';
const tooLong =
  'Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; use sys.set_int_max_str_digits() to increase ' +
  'the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits. (<string>, line 1)';

const numbers: Cases = [
  ['2 + 2', '4.0'],
  ['250 - 100.5', '149.5'],
  ['0.1 + 0.2', '0.3'],
  ['10 / 4', '2.5'],
  ['10 / 3', '3.33'],
  ['7 // 2', '3.0'],
  ['-7 // 2', '-4.0'],
  ['7.5 // 2', '3.0'],
  ['-7.5 // 2', '-4.0'],
  ['2 ** 10', '1024.0'],
  ['2 ** -1', '0.5'],
  ['1.05 ** 12 * 1000', '1795.86'],
  ['2 ** 3 ** 2', '512.0'],
  ['-2 ** 2', '-4.0'],
  ['--5', '5.0'],
  ['+-5', '-5.0'],
  ['2 - -3', '5.0'],
  ['(1 + 2) * 3', '9.0'],
  ['1.', '1.0'],
  ['  .5', '0.5'],
  ['00', '0.0'],
  ['007.5', '7.5'],
  ['1 / 3 * 3', '1.0'],
  ['999999999999999999999 + 1', '1e+21'],
  ['10 ** 400 / 10 ** 399', '10.0'],
  ['123456789123456789 / 1000', '123456789123456.78'],
  ['10.0 ** 15', '1000000000000000.0'],
  ['10.0 ** 16', '1e+16'],
  ['0.00001', '0.0'],
  ['-0.001', '-0.0'],
  ['-0.0', '-0.0'],
  ['0 * -1.0', '-0.0'],
  ['-7 // 2.0 * 0', '-0.0'],
];
const rounding: Cases = [
  ['2.675', '2.67'],
  ['0.125', '0.12'],
  ['0.375', '0.38'],
  ['-0.125', '-0.12'],
  ['1.005', '1.0'],
  ['2.5 / 100', '0.03'],
  ['0.615', '0.61'],
  ['1000000.125', '1000000.12'],
  ['845147187319142.625', '845147187319142.6'],
  ['9007199254740993.0', '9007199254740992.0'],
];
const evaluation: Cases = [
  ['1 / 0', 'division by zero'],
  ['1 // 0', 'integer division or modulo by zero'],
  ['1.0 / 0', 'float division by zero'],
  ['1.0 // 0', 'float floor division by zero'],
  ['0 ** -1', '0.0 cannot be raised to a negative power'],
  ['10.0 ** 400', "(34, 'Numerical result out of range')"],
  ['10 ** 400', 'int too large to convert to float'],
  ['10 ** 400 * 1.0', 'int too large to convert to float'],
  ['10 ** 400 / 1', 'integer division result too large for a float'],
  ['2(3)', "'int' object is not callable"],
  ['2.5(3)', "'float' object is not callable"],
  ['(2)(3)', "'int' object is not callable"],
  ['()()', "'tuple' object is not callable"],
  ['2(1 / 0)', 'division by zero'],
  ['2(*3)', '2 argument after * must be an iterable, not int'],
  ['2(*())', "'int' object is not callable"],
  ['2(**3)', '2 argument after ** must be a mapping, not int'],
  ['2.5(*...)', '2.5 argument after * must be an iterable, not ellipsis'],
  ['(...)(**())', 'Ellipsis argument after ** must be a mapping, not tuple'],
  ['...', "float() argument must be a string or a real number, not 'ellipsis'"],
  ['...+1', "unsupported operand type(s) for +: 'ellipsis' and 'int'"],
  ['()', "float() argument must be a string or a real number, not 'tuple'"],
  ['() + 1', 'can only concatenate tuple (not "int") to tuple'],
  ['() + ()', "float() argument must be a string or a real number, not 'tuple'"],
  ['() * 1.5', "can't multiply sequence by non-int of type 'float'"],
  ['() * 10 ** 30', "cannot fit 'int' into an index-sized integer"],
  ['() / 2', "unsupported operand type(s) for /: 'tuple' and 'int'"],
  ['-()', "bad operand type for unary -: 'tuple'"],
  ['() ** 2', "unsupported operand type(s) for ** or pow(): 'tuple' and 'int'"],
  ['(-8) ** .5', "float() argument must be a string or a real number, not 'complex'"],
  ['(-8) ** .5 // 2', "unsupported operand type(s) for //: 'complex' and 'int'"],
  ['(-8) ** .5 / 0', 'complex division by zero'],
  ['0 ** (-1) ** .5', '0.0 to a negative or complex power'],
  ['((-2) ** .5) ** 10 ** 9', 'complex exponentiation'],
  ['((-1) ** .5)(*3)', '(6.123233995736766e-17+1j) argument after * must be an iterable, not int'],
  ['1 / ((-1) ** .5 - (-1) ** .5)', 'complex division by zero'],
];
const syntax: Cases = [
  ['', 'invalid syntax (<string>, line 0)'],
  ['  ', 'invalid syntax (<string>, line 0)'],
  ['1 +', 'invalid syntax (<string>, line 1)'],
  ['* 2', 'invalid syntax (<string>, line 1)'],
  ['1 2', 'invalid syntax (<string>, line 1)'],
  ['1..', 'invalid syntax (<string>, line 1)'],
  ['1.2.3', 'invalid syntax (<string>, line 1)'],
  ['5 .', 'invalid syntax (<string>, line 1)'],
  ['1 + * 2', 'invalid syntax (<string>, line 1)'],
  ['007', leadingZeros],
  ['1 2 007', leadingZeros],
  ['(1 +', "'(' was never closed (<string>, line 1)"],
  ['((1)', "'(' was never closed (<string>, line 1)"],
  ['(1 2', "'(' was never closed (<string>, line 1)"],
  ['(1 .', "'(' was never closed (<string>, line 1)"],
  ['1)', "unmatched ')' (<string>, line 1)"],
  ['1 2)', "unmatched ')' (<string>, line 1)"],
  ['(1 2))', "unmatched ')' (<string>, line 1)"],
  ['5 5 5(', 'invalid syntax (<string>, line 1)'],
  ['(1 2)', 'invalid syntax. Perhaps you forgot a comma? (<string>, line 1)'],
  ['1(2 3)', 'invalid syntax. Perhaps you forgot a comma? (<string>, line 1)'],
  ['((1) 2 +)', 'invalid syntax. Perhaps you forgot a comma? (<string>, line 1)'],
  ['(1 (2) 3)', 'invalid syntax. Perhaps you forgot a comma? (<string>, line 1)'],
  ['(* 1)', 'cannot use starred expression here (<string>, line 1)'],
  ['(** 1)', 'cannot use double starred expression here (<string>, line 1)'],
  ['(*)', 'invalid syntax (<string>, line 1)'],
  ['(** )', 'invalid syntax (<string>, line 1)'],
  ['(* 1 2)', 'invalid syntax. Perhaps you forgot a comma? (<string>, line 1)'],
  ['1(2 *)', 'invalid syntax (<string>, line 1)'],
  [`${'('.repeat(201)}1${')'.repeat(201)}`, 'too many nested parentheses (<string>, line 1)'],
  ['9'.repeat(4301), tooLong],
  [`${'-'.repeat(5000)}1`, 'maximum recursion depth exceeded during compilation'],
  ['1+'.repeat(4999) + '1', 'maximum recursion depth exceeded during compilation'],
];
const large: Cases = [
  [`${'('.repeat(200)}1${')'.repeat(200)}`, '1.0'],
  [`${'-'.repeat(1000)}1`, '1.0'],
  ['1+'.repeat(999) + '1', '1000.0'],
  [`${'9'.repeat(400)}.0`, 'inf'],
  [`${'9'.repeat(400)}.0 - ${'9'.repeat(400)}.0`, 'nan'],
];

function answerTo(expression: Parameters<typeof calculate>[0]): string {
  try {
    return calculate(expression);
  } catch (error) {
    if (error instanceof PythonException) return error.message;
    throw error;
  }
}

describe('the calculator answers as Python does', () => {
  it.each(numbers)('%s = %s', (expression, answer) => expect(answerTo(expression)).toBe(answer));
  it.each(rounding)('rounds %s to %s', (expression, answer) => expect(answerTo(expression)).toBe(answer));
  it.each(evaluation)('says of %s: %s', (expression, answer) => expect(answerTo(expression)).toBe(answer));
  it.each(syntax)('cannot read %.30s: %s', (expression, answer) => expect(answerTo(expression)).toBe(answer));
  it.each(large)('copes with %.30s: %s', (expression, answer) => expect(answerTo(expression)).toBe(answer));
});

describe('the calculator', () => {
  it('takes no character but those of arithmetic', () => {
    for (const expression of ['x', '1,2', '1_000', '1e5', '2 % 3', '1\n', '１']) {
      expect(answerTo(expression)).toBe('Error: invalid characters in expression');
    }
  });

  it('says what Python says of arguments that are no text', () => {
    expect(answerTo(null)).toBe("'NoneType' object is not iterable");
    expect(answerTo(5n)).toBe("'int' object is not iterable");
    expect(answerTo([1n])).toBe("'in <string>' requires string as left operand, not int");
    expect(answerTo(['x'])).toBe('Error: invalid characters in expression');
    expect(answerTo(['1', '+'])).toBe('eval() arg 1 must be a string, bytes or code object');
  });

  it('ends at once where Python would calculate for minutes', () => {
    expect(answerTo('9 ** 9 ** 9')).toBe('int too large to convert to float');
    expect(answerTo('2 ** (10 ** 400) * 1.')).toBe('int too large to convert to float');
    expect(answerTo('1**'.repeat(5000) + '1')).toBe('maximum recursion depth exceeded during compilation');
    expect(answerTo('1('.repeat(150) + '*' + ')'.repeat(150))).toBe('invalid syntax (<string>, line 1)');
    expect(answerTo('(*'.repeat(150) + ')'.repeat(150))).toBe('invalid syntax (<string>, line 1)');
  });
});
