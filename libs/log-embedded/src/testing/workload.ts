/** Records whose whole text follows from a few numbers, so that a test knows every byte that a killed process had written. */
import { seededRandom, type Random } from '@runledger/event-sourcing/testing';

/** One part of an append or a produce: `count` records of the call named `call`, from `offset` on. */
export interface Written {
  readonly kind: 'log' | 'inbox';
  readonly partition: number;
  readonly offset: number;
  readonly call: string;
  readonly count: number;
}

const FILLER = 'Grüße aus dem Protokoll, 0123456789 abcdefghijklmnopqrstuvwxyz ✈ '.repeat(60);
const FILLER_UNITS_MAX = 2_500;

/** The `k`-th record of a part. Its size follows from its place. */
export function bodyOf({ kind, partition, offset, call, count }: Written, k: number): string {
  const at = offset + k;
  const units = (Math.imul(at + 1, 2_654_435_761) >>> 8) % (k % 5 === 0 ? FILLER_UNITS_MAX : 300);
  return JSON.stringify({ kind, partition, offset: at, call, k, count, filler: FILLER.slice(units % 40, units) });
}

export function bodiesOf(written: Written): string[] {
  return Array.from({ length: written.count }, (_, k) => bodyOf(written, k));
}

/** Which part a stored record says that it belongs to, and which of its records it is. */
export function partOf(body: string): { readonly part: Written; readonly k: number } {
  const { kind, partition, offset, call, k, count } = JSON.parse(body) as Written & { k: number };
  return { part: { kind, partition, offset: offset - k, call, count }, k };
}

/** How many records the next call writes to each partition: mostly a few, sometimes none or many. */
export function drawCounts(random: Random, partitions: number): number[] {
  const max = random.next() < 0.2 ? 60 : 6;
  const counts = Array.from({ length: partitions }, () => random.integer(0, max));
  return counts.some((count) => count > 0) ? counts : counts.map(() => 1);
}

/** The name of a call tells how many records it wrote to each partition, so that a missing part can be noticed. */
export function callNamed(name: string, counts: readonly number[]): string {
  return `${name}:${counts.join('+')}`;
}

export function countsOf(call: string): number[] {
  return (call.split(':')[1] ?? '').split('+').map(Number);
}

export { seededRandom, type Random };
