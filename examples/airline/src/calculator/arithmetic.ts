/** Python's arithmetic on ints of any size, floats, complex numbers, and the empty tuple. */
import { intToFloat, PythonException } from '../python/values.ts';
import { addComplex, divideComplex, multiplyComplex, powerComplex, subtractComplex } from './complex.ts';
import { operandType, type Complex, type Operand } from './operands.ts';
import type { BinaryOperator, UnaryOperator } from './program.ts';

/** Python would go on calculating; a float cannot hold a thousandth of such an int, so the answer is its answer to that. */
const powerBitsMax = 1_000_000;
const indexMax = 2n ** 63n - 1n;
const mantissaBits = 64;

export function applyUnary(operator: UnaryOperator, operand: Operand): Operand {
  if (typeof operand === 'string') throw typeError(`bad operand type for unary ${operator}: '${operandType(operand)}'`);
  if (operator === '+') return operand;
  return typeof operand === 'object' ? { real: -operand.real, imaginary: -operand.imaginary } : -operand;
}

export function applyBinary(operator: BinaryOperator, left: Operand, right: Operand): Operand {
  if (left === 'tuple' || right === 'tuple') return withTuple(operator, left, right);
  if (left === 'ellipsis' || right === 'ellipsis') throw unsupported(operator, left, right);
  if (typeof left === 'object' || typeof right === 'object') {
    if (operator === '//') throw unsupported(operator, left, right);
    return onComplex[operator](toComplex(left), toComplex(right));
  }
  if (typeof left === 'bigint' && typeof right === 'bigint') return onInts[operator](left, right);
  return onFloats[operator](toFloat(left), toFloat(right));
}

const onInts: Readonly<Record<BinaryOperator, (a: bigint, b: bigint) => Operand>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': divideInts,
  '//': floorDivideInts,
  '**': raiseInt,
};

const onFloats: Readonly<Record<BinaryOperator, (a: number, b: number) => Operand>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / nonZero(b, 'float division by zero'),
  '//': (a, b) => floorDivideFloats(a, nonZero(b, 'float floor division by zero')),
  '**': raiseFloat,
};

const onComplex: Readonly<Record<Exclude<BinaryOperator, '//'>, (a: Complex, b: Complex) => Complex>> = {
  '+': addComplex,
  '-': subtractComplex,
  '*': multiplyComplex,
  '/': divideComplex,
  '**': powerComplex,
};

function withTuple(operator: BinaryOperator, left: Operand, right: Operand): Operand {
  if (operator === '+' && left === 'tuple') {
    if (right === 'tuple') return 'tuple';
    throw typeError(`can only concatenate tuple (not "${operandType(right)}") to tuple`);
  }
  if (operator !== '*') throw unsupported(operator, left, right);
  const times = left === 'tuple' ? right : left;
  if (typeof times !== 'bigint') throw typeError(`can't multiply sequence by non-int of type '${operandType(times)}'`);
  if (times <= indexMax && times >= -indexMax - 1n) return 'tuple';
  throw new PythonException('OverflowError', "cannot fit 'int' into an index-sized integer");
}

/** Correctly rounded: the quotient with more bits than a float has, the lowest of which says whether anything was left. */
function divideInts(a: bigint, b: bigint): number {
  if (b === 0n) throw new PythonException('ZeroDivisionError', 'division by zero');
  const [dividend, divisor] = [magnitude(a), magnitude(b)];
  const shift = Math.max(0, bitLength(divisor) + mantissaBits - bitLength(dividend));
  const shifted = dividend << BigInt(shift);
  const sticky = shifted % divisor === 0n ? 0n : 1n;
  const quotient = Number(((shifted / divisor) << 1n) | sticky);
  // In two steps, because 2 ** (shift + 1) may be more than a float holds.
  const half = Math.floor((shift + 1) / 2);
  const value = quotient / 2 ** half / 2 ** (shift + 1 - half);
  if (!Number.isFinite(value)) throw new PythonException('OverflowError', 'integer division result too large for a float');
  return a < 0n === b < 0n ? value : -value;
}

function floorDivideInts(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new PythonException('ZeroDivisionError', 'integer division or modulo by zero');
  const towardZero = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? towardZero - 1n : towardZero;
}

function floorDivideFloats(a: number, b: number): number {
  const remainder = a % b;
  const quotient = (a - remainder) / b - (remainder !== 0 && remainder < 0 !== b < 0 ? 1 : 0);
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function raiseInt(a: bigint, b: bigint): Operand {
  if (b < 0n) return raiseFloat(intToFloat(a), intToFloat(b));
  const bits = BigInt(bitLength(magnitude(a)) - 1) * b;
  if (magnitude(a) > 1n && bits > powerBitsMax) throw new PythonException('OverflowError', 'int too large to convert to float');
  return a ** b;
}

function raiseFloat(a: number, b: number): Operand {
  if (a === 0 && b < 0 && Number.isFinite(b)) throw new PythonException('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  // Python's 1 ** nan and 1 ** inf are 1; JavaScript's are nan.
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b)) {
    return powerComplex({ real: a, imaginary: 0 }, { real: b, imaginary: 0 });
  }
  const power = a ** b;
  if (!Number.isFinite(power) && Number.isFinite(a) && Number.isFinite(b)) {
    throw new PythonException('OverflowError', "(34, 'Numerical result out of range')");
  }
  return power;
}

function nonZero(divisor: number, message: string): number {
  if (divisor === 0) throw new PythonException('ZeroDivisionError', message);
  return divisor;
}

function toFloat(value: bigint | number): number {
  return typeof value === 'number' ? value : intToFloat(value);
}

function toComplex(value: bigint | number | Complex): Complex {
  return typeof value === 'object' ? value : { real: toFloat(value), imaginary: 0 };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(16).length * 4;
}

function unsupported(operator: BinaryOperator, left: Operand, right: Operand): PythonException {
  const symbol = operator === '**' ? '** or pow()' : operator;
  return typeError(`unsupported operand type(s) for ${symbol}: '${operandType(left)}' and '${operandType(right)}'`);
}

function typeError(message: string): PythonException {
  return new PythonException('TypeError', message);
}
