/** What stands behind an option, read. A value that does not fit is refused before anything is sent. */
import { InvalidArgumentError } from 'commander';
import { chosenKey, type Metadata } from '@runledger/contracts';

export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

export function seconds(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value <= max) return value;
    throw new InvalidArgumentError(`Expected seconds from 0 to ${max}.`);
  };
}

const NAME_CHARACTERS_MAX = 64;
const VALUE_CHARACTERS_MAX = 1000;
const ATTRIBUTES_MAX = 32;

/** `name=value`, added to those before it. Values are texts. */
export function attribute(text: string, before: Metadata = {}): Metadata {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value.');
  const name = text.slice(0, at);
  const value = text.slice(at + 1);
  if (name.length > NAME_CHARACTERS_MAX) throw new InvalidArgumentError(`Expected a name of at most ${NAME_CHARACTERS_MAX} characters.`);
  if (value.length > VALUE_CHARACTERS_MAX) throw new InvalidArgumentError(`Expected a value of at most ${VALUE_CHARACTERS_MAX} characters.`);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  if (Object.keys(before).length >= ATTRIBUTES_MAX) throw new InvalidArgumentError(`Expected at most ${ATTRIBUTES_MAX} attributes.`);
  return Object.fromEntries([...Object.entries(before), [name, value]]);
}

/** A run id, or an id that somebody chose. */
export function reference(text: string): string {
  if (chosenKey.safeParse(text).success) return text;
  throw new InvalidArgumentError('Expected 1–200 printable ASCII characters without spaces.');
}

/** RFC 3339 as the platform wants it, from that or from a date. */
export function instant(text: string): string {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Expected a time as 2026-01-31T09:00:00Z, or a date.');
  return new Date(ms).toISOString();
}
