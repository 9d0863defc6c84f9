/**
 * What a conversation made of the database, in a form that can be compared: the records that differ from the shipped
 * ones. Two databases are equal as in the benchmark, which hashes `str` of the data as tuples: the order of a list
 * counts and that of a dict does not, and `1` is another value than `1.0`.
 */
import { createHash } from 'node:crypto';
import { pythonRepr } from '../python/text.ts';
import type { PythonValue } from '../python/values.ts';
import type { AirlineData } from './airline-data.ts';
import { shippedRecord, type EditedRecord, type RecordKind } from './database-view.ts';

export interface DatabaseState {
  /** Of `changed`; equal for equal databases, and the same on every machine. */
  readonly digest: string;
  /** Sorted by kind and id. */
  readonly changed: readonly ChangedRecord[];
}

export interface ChangedRecord {
  readonly kind: RecordKind;
  readonly id: string;
  /** See `hashableText`. */
  readonly text: string;
}

export function databaseState(data: AirlineData, edited: Iterable<EditedRecord>): DatabaseState {
  const changed = Array.from(edited, ({ kind, id, record }): ChangedRecord => ({ kind, id, text: hashableText(record) }))
    .filter(({ kind, id, text }) => text !== shippedText(data, kind, id))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const hash = createHash('sha256');
  for (const record of changed) hash.update(JSON.stringify([record.kind, record.id, record.text]));
  return { digest: hash.digest('hex'), changed };
}

/** The records in which two states differ, as `user mia_li_3668`. */
export function differences(one: DatabaseState, other: DatabaseState): readonly string[] {
  const texts = (state: DatabaseState) => new Map(state.changed.map((record) => [keyOf(record), record.text]));
  const [left, right] = [texts(one), texts(other)];
  return Array.from(new Set([...left.keys(), ...right.keys()]))
    .filter((key) => left.get(key) !== right.get(key))
    .sort();
}

/**
 * `str(to_hashable(value))` of the benchmark: a dict is a tuple of its sorted pairs, a list a tuple of its items. (Python
 * sorts by characters and this by UTF-16 units; the order differs for keys beyond the basic plane, equality does not.)
 */
export function hashableText(value: PythonValue): string {
  if (Array.isArray(value)) return tupleText(value.map(hashableText));
  if (!(value instanceof Map)) return pythonRepr(value);
  return tupleText(
    Array.from(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => tupleText([pythonRepr(key), hashableText(item)])),
  );
}

function tupleText(items: readonly string[]): string {
  return items.length === 1 ? `(${items.join('')},)` : `(${items.join(', ')})`;
}

function shippedText(data: AirlineData, kind: RecordKind, id: string): string | undefined {
  const record = shippedRecord(data, kind, id);
  return record && hashableText(record);
}

function keyOf({ kind, id }: ChangedRecord): string {
  return `${kind} ${id}`;
}
