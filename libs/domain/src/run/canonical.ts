/** JSON with sorted keys: two texts of the same meaning become the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return '[' + value.map(canonicalJson).join(',') + ']';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return '{' + members.map(([name, member]) => JSON.stringify(name) + ':' + canonicalJson(member)).join(',') + '}';
}

/**
 * The meaning of arguments that a model wrote. Text that is no JSON means itself, and so does JSON with numbers that
 * reading would change: two accounts beyond 2^53 must not become one.
 */
export function argumentsMeaning(text: string): string {
  try {
    return canonicalJson(JSON.parse(text, refuseInexact));
  } catch {
    return JSON.stringify(text);
  }
}

function refuseInexact(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new RangeError('The number cannot be read exactly.');
  return value;
}
