/** `json.dumps` with its defaults: `, ` and `: ` between parts, everything outside printable ASCII escaped. */
import { floatText } from './float-text.ts';
import type { PythonValue } from './values.ts';

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

export function jsonText(value: PythonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, item]) => `${stringText(key)}: ${jsonText(item)}`).join(', ')}}`;
  }
  if (typeof value === 'string') return stringText(value);
  return typeof value === 'number' ? numberText(value) : value.toString();
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return floatText(value);
  return value > 0 ? 'Infinity' : '-Infinity';
}

function stringText(text: string): string {
  // Per UTF-16 unit, so that a character outside the basic plane becomes its surrogate pair, as in Python.
  return `"${text.replace(/[^ -~]|["\\]/g, (unit) => shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}
