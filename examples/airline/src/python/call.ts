/** How Python binds the keyword arguments of a call, and what it says where they do not fit. */
import { PythonException, typeName, type PythonDict, type PythonValue } from './values.ts';

export interface Signature<Parameter extends string> {
  /** As in `BookReservation.invoke`. */
  readonly qualifiedName: string;
  readonly module: string;
  /** In the order of the declaration; all are required. The tools have one more before them, `data`. */
  readonly parameters: readonly Parameter[];
}

export type Bound<Parameter extends string> = Readonly<Record<Parameter, PythonValue>>;

/** `invoke(data=data, **given)` */
export function bindArguments<Parameter extends string>(signature: Signature<Parameter>, given: PythonValue): Bound<Parameter> {
  const { qualifiedName, module, parameters } = signature;
  if (!(given instanceof Map)) throw typeError(`${module}.${qualifiedName}() argument after ** must be a mapping, not ${typeName(given)}`);
  if (given.has('data')) throw typeError(`${module}.${qualifiedName}() got multiple values for keyword argument 'data'`);
  const names: readonly string[] = parameters;
  const unexpected = Array.from(given.keys()).find((name) => !names.includes(name));
  if (unexpected !== undefined) throw typeError(`${qualifiedName}() got an unexpected keyword argument '${unexpected}'`);
  const missing = parameters.filter((name) => !given.has(name));
  if (missing.length > 0) throw typeError(`${qualifiedName}() ${missingText(missing)}`);
  return Object.fromEntries(parameters.map((name) => [name, valueOf(given, name)])) as Bound<Parameter>;
}

function valueOf(given: PythonDict, name: string): PythonValue {
  return given.get(name) ?? null;
}

function missingText(missing: readonly string[]): string {
  const quoted = missing.map((name) => `'${name}'`);
  const last = quoted.at(-1) ?? '';
  const all = quoted.length < 3 ? quoted.join(' and ') : `${quoted.slice(0, -1).join(', ')}, and ${last}`;
  return `missing ${missing.length} required positional argument${missing.length === 1 ? '' : 's'}: ${all}`;
}

function typeError(message: string): PythonException {
  return new PythonException('TypeError', message);
}
