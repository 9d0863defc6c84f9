/**
 * What Python's operators do with arguments whose types nobody checked: the result, or the exception with Python's
 * message. The tools are written with these, so that a model that passes a string for a number reads what it read then.
 */
import { pythonRepr } from './text.ts';
import { intToFloat, PythonException, typeName, type PythonDict, type PythonValue } from './values.ts';

type Numeric = bigint | number;

/** `container[key]` */
export function getItem(container: PythonValue, key: PythonValue): PythonValue {
  if (container instanceof Map) {
    requireHashable(key);
    const value = typeof key === 'string' ? container.get(key) : undefined;
    if (value === undefined) throw new PythonException('KeyError', pythonRepr(key));
    return value;
  }
  const keyType = typeName(key);
  if (typeof container === 'string') throw typeError(`string indices must be integers, not '${keyType}'`);
  if (Array.isArray(container)) throw typeError(`list indices must be integers or slices, not ${keyType}`);
  throw typeError(`'${typeName(container)}' object is not subscriptable`);
}

/** `container[key] = value` */
export function setItem(container: PythonValue, key: string, value: PythonValue): void {
  if (!(container instanceof Map)) throw typeError(`'${typeName(container)}' object does not support item assignment`);
  container.set(key, value);
}

/** `key in dict` */
export function hasKey(dict: PythonValue, key: PythonValue): boolean {
  requireHashable(key);
  return dict instanceof Map && typeof key === 'string' && dict.has(key);
}

export function requireHashable(key: PythonValue): void {
  if (Array.isArray(key) || key instanceof Map) throw typeError(`unhashable type: '${typeName(key)}'`);
}

/** `for item in value` */
export function iterate(value: PythonValue): PythonValue[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return Array.from(value);
  if (value instanceof Map) return Array.from(value.keys());
  throw typeError(`'${typeName(value)}' object is not iterable`);
}

/** `len(value)` */
export function length(value: PythonValue): bigint {
  if (value instanceof Map) return BigInt(value.size);
  if (Array.isArray(value)) return BigInt(value.length);
  if (typeof value === 'string') return BigInt(Array.from(value).length);
  throw typeError(`object of type '${typeName(value)}' has no len()`);
}

/** `value.append(item)`, or `extend` where there are several */
export function appendAll(value: PythonValue, method: 'append' | 'extend', items: readonly PythonValue[]): void {
  if (!Array.isArray(value)) throw new PythonException('AttributeError', `'${typeName(value)}' object has no attribute '${method}'`);
  value.push(...items);
}

/** `left + right` for a left side that is a number; `symbol` is what the message names. */
export function add(left: PythonValue, right: PythonValue, symbol: '+' | '+=' = '+'): PythonValue {
  return arithmetic(left, right, symbol, { ints: (a, b) => a + b, floats: (a, b) => a + b });
}

export function subtract(left: PythonValue, right: PythonValue, symbol: '-' | '-=' = '-'): PythonValue {
  return arithmetic(left, right, symbol, { ints: (a, b) => a - b, floats: (a, b) => a - b });
}

/** `left * right` for a left side that is an int. */
export function multiply(left: bigint, right: PythonValue): PythonValue {
  const times = left > 0n ? Number(left) : 0;
  if (typeof right === 'string') return right.repeat(times);
  if (Array.isArray(right)) return Array.from({ length: times }, () => right).flat();
  return arithmetic(left, right, '*', { ints: (a, b) => a * b, floats: (a, b) => a * b });
}

/** `-value` */
export function negate(value: PythonValue): PythonValue {
  const number = numeric(value);
  if (number === undefined) throw typeError(`bad operand type for unary -: '${typeName(value)}'`);
  return -number;
}

/** `left < right` where at least one side is a number. */
export function isLess(left: PythonValue, right: PythonValue): boolean {
  const [a, b] = comparable(left, right, '<');
  return a < b;
}

/** `max(0, value)` */
export function atLeastZero(value: PythonValue): PythonValue {
  const [number, zero] = comparable(value, 0n, '>');
  return number > zero ? value : 0n;
}

/** `sum(values)` */
export function sum(values: readonly PythonValue[]): PythonValue {
  return values.reduce<PythonValue>((total, value) => add(total, value), 0n);
}

/** `left == right`; `1 == 1.0 == True`, and the order of a dict's keys does not matter. */
export function equals(left: PythonValue, right: PythonValue): boolean {
  const [a, b] = [numeric(left), numeric(right)];
  // `<` and `>` compare a bigint and a number exactly; `===` never calls them equal.
  if (a !== undefined && b !== undefined) return !(a < b) && !(a > b) && !Number.isNaN(a) && !Number.isNaN(b);
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => equals(item, right[index] ?? null));
  }
  if (left instanceof Map && right instanceof Map) return sameEntries(left, right);
  return left === right;
}

function sameEntries(left: PythonDict, right: PythonDict): boolean {
  if (left.size !== right.size) return false;
  return Array.from(left).every(([key, item]) => {
    const other = right.get(key);
    return other !== undefined && equals(item, other);
  });
}

/** `int(text)` of a part of a date. */
export function parseInteger(text: PythonValue): bigint {
  if (typeof text !== 'string') {
    throw typeError(`int() argument must be a string, a bytes-like object or a real number, not '${typeName(text)}'`);
  }
  const digits = text.trim();
  if (!/^[-+]?\d+(_\d+)*$/.test(digits)) {
    throw new PythonException('ValueError', `invalid literal for int() with base 10: ${pythonRepr(text)}`);
  }
  const value = BigInt(digits.replace(/^[-+]/, '').replaceAll('_', ''));
  return digits.startsWith('-') ? -value : value;
}

/** `value[-2:]` */
export function lastTwo(value: PythonValue): PythonValue {
  if (typeof value === 'string') return Array.from(value).slice(-2).join('');
  if (Array.isArray(value)) return value.slice(-2);
  if (value instanceof Map) throw typeError("unhashable type: 'slice'");
  throw typeError(`'${typeName(value)}' object is not subscriptable`);
}

interface Arithmetic {
  ints(left: bigint, right: bigint): bigint;
  floats(left: number, right: number): number;
}

function arithmetic(left: PythonValue, right: PythonValue, symbol: string, on: Arithmetic): PythonValue {
  const [a, b] = [numeric(left), numeric(right)];
  if (a === undefined || b === undefined) {
    throw typeError(`unsupported operand type(s) for ${symbol}: '${typeName(left)}' and '${typeName(right)}'`);
  }
  return typeof a === 'bigint' && typeof b === 'bigint' ? on.ints(a, b) : on.floats(toFloat(a), toFloat(b));
}

function comparable(left: PythonValue, right: PythonValue, symbol: '<' | '>'): [Numeric, Numeric] {
  const [a, b] = [numeric(left), numeric(right)];
  if (a !== undefined && b !== undefined) return [a, b];
  throw typeError(`'${symbol}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

function numeric(value: PythonValue): Numeric | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

function toFloat(value: Numeric): number {
  return typeof value === 'number' ? value : intToFloat(value);
}

function typeError(message: string): PythonException {
  return new PythonException('TypeError', message);
}
