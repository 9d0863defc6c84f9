/**
 * The values of Python that JSON can carry, as the recorded tools handled them. An `int` is a bigint and a `float` a
 * number, so that `250` and `250.0` stay two things; a `dict` is a Map, because an object of JavaScript moves keys that
 * look like numbers to the front.
 */
export type PythonValue = null | boolean | bigint | number | string | PythonValue[] | PythonDict;
export type PythonDict = Map<string, PythonValue>;

export type ExceptionName =
  | 'AttributeError'
  | 'JSONDecodeError'
  | 'KeyError'
  | 'OverflowError'
  | 'RecursionError'
  | 'SyntaxError'
  | 'TypeError'
  | 'ValueError'
  | 'ZeroDivisionError';

/** What a tool of the benchmark would have raised. The caller shows it to the agent: `Error: ` and the message. */
export class PythonException extends Error {
  override readonly name = 'PythonException';
  readonly type: ExceptionName;

  constructor(type: ExceptionName, message: string) {
    super(message);
    this.type = type;
  }
}

export function typeName(value: PythonValue): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' ? 'float' : 'int';
}

export function deepCopy<Value extends PythonValue>(value: Value): Value;
export function deepCopy(value: PythonValue): PythonValue {
  if (Array.isArray(value)) return value.map((item) => deepCopy(item));
  if (value instanceof Map) return new Map(Array.from(value, ([key, item]) => [key, deepCopy(item)]));
  return value;
}

/** `float(int)`: the nearest float, which must exist. */
export function intToFloat(value: bigint): number {
  const float = Number(value);
  if (!Number.isFinite(float)) throw new PythonException('OverflowError', 'int too large to convert to float');
  return float;
}
