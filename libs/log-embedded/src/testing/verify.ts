/** Compares what a log returns with what was acknowledged, byte for byte. */
import { LogError, type Extent, type ReadLimits, type StoredRecord } from '@runledger/event-sourcing';
import type { OpenedLog } from '../index.ts';
import { bodyOf, countsOf, partOf, type Written } from './workload.ts';

const LIMITS: ReadLimits = { recordsMax: 1_000, bytesMax: 8 * 1024 * 1024 };

/** Everything that a writer was told is there: by kind and partition, every body by offset. */
export class Acknowledged {
  private readonly bodies = new Map<string, string[]>();
  private readonly trims = new Map<string, number>();

  static copyOf(other: Acknowledged): Acknowledged {
    const copy = new Acknowledged();
    for (const [key, bodies] of other.bodies) copy.bodies.set(key, [...bodies]);
    for (const [key, below] of other.trims) copy.trims.set(key, below);
    return copy;
  }

  add(parts: readonly Written[]): void {
    for (const part of parts) {
      const known = this.of(part.kind, part.partition);
      for (let k = 0; k < part.count; k += 1) known[part.offset + k] = bodyOf(part, k);
    }
  }

  trimmed(partition: number, below: number): void {
    this.trims.set(`inbox/${partition}`, Math.max(below, this.trimOf('inbox', partition)));
  }

  of(kind: 'log' | 'inbox', partition: number): string[] {
    const key = `${kind}/${partition}`;
    const known = this.bodies.get(key) ?? [];
    this.bodies.set(key, known);
    return known;
  }

  /** Below this a writer has deleted, so that records may be gone, or back after a crash. */
  trimOf(kind: 'log' | 'inbox', partition: number): number {
    return this.trims.get(`${kind}/${partition}`) ?? 0;
  }
}

/** What a comparison found. `unacknowledged`: whole records after the last acknowledged one, from a writer that died before it was told. */
export interface Compared {
  readonly records: number;
  readonly unacknowledged: number;
}

interface Readable {
  read(partition: number, from: number, limits: ReadLimits): Promise<readonly StoredRecord[]>;
  extent(partition: number): Promise<Extent>;
}

/** Throws at the first record that is wrong, missing or half; lets a `LogError` of the log through. */
export async function compareAll({ log, inbox }: OpenedLog, acknowledged: Acknowledged): Promise<Compared> {
  const news: Written[] = [];
  let records = 0;
  let unacknowledged = 0;
  for (const kind of ['log', 'inbox'] as const) {
    for (let partition = 0; partition < log.partitions; partition += 1) {
      const known = acknowledged.of(kind, partition);
      const deletedBelow = acknowledged.trimOf(kind, partition);
      const compared = await comparePartition(kind === 'log' ? log : inbox, kind, partition, known, deletedBelow);
      records += compared.records;
      unacknowledged += compared.news.length;
      news.push(...compared.news);
    }
  }
  checkWhole(news);
  return { records, unacknowledged };
}

interface ComparedPartition {
  readonly records: number;
  /** For each record after the last acknowledged one, the part that it belongs to. */
  readonly news: readonly Written[];
}

async function comparePartition(readable: Readable, kind: 'log' | 'inbox', partition: number, known: readonly string[], deletedBelow: number): Promise<ComparedPartition> {
  const { start, end } = await readable.extent(partition);
  const place = `partition ${partition} of the ${kind}`;
  if (end < known.length) throw new Error(`${place} ends at ${end} without a word, but records up to ${known.length - 1} were acknowledged.`);
  if (start > deletedBelow) throw new Error(`${place} starts at ${start}, but was deleted below ${deletedBelow} only.`);
  const news: Written[] = [];
  for (let at = start; at < end; ) {
    const read = await readable.read(partition, at, LIMITS);
    if (read.length === 0) throw new Error(`${place} returned nothing at ${at}, but ends at ${end}.`);
    for (const { offset, body } of read) {
      if (offset !== at) throw new Error(`${place} returned offset ${offset} where ${at} comes next.`);
      if (offset < known.length && body !== known[offset]) throw new Error(`A wrong record was returned at offset ${offset} of ${place}.`);
      if (offset >= known.length) news.push(checkNew(body, kind, partition, offset));
      at += 1;
    }
  }
  return { records: end - start, news };
}

/** A record that was not acknowledged must still be one that was written, and written there. */
function checkNew(body: string, kind: string, partition: number, offset: number): Written {
  const { part, k } = partOf(body);
  const whole = bodyOf(part, k) === body && part.kind === kind && part.partition === partition && part.offset + k === offset;
  if (!whole) throw new Error(`A record that nobody wrote was returned at offset ${offset} of partition ${partition} of the ${kind}.`);
  return part;
}

/** A request that was not acknowledged is there with all its records in all its partitions, or not at all. */
function checkWhole(news: readonly Written[]): void {
  for (const { kind, partition, call, count } of news) {
    const found = news.filter((other) => other.kind === kind && other.partition === partition && other.call === call).length;
    if (found !== count) throw new Error(`Of the ${count} records of call ${call} in partition ${partition} of the ${kind}, ${found} are there.`);
    if (kind === 'inbox') continue;
    for (const [other, expected] of countsOf(call).entries()) {
      const there = news.filter((part) => part.kind === 'log' && part.partition === other && part.call === call).length;
      if (there !== expected) throw new Error(`Call ${call} wrote ${expected} records to partition ${other} in one transaction, and ${there} are there.`);
    }
  }
}

export function isPlacedError(error: unknown): error is LogError {
  return error instanceof LogError && ('partition' in error.where || 'file' in error.where);
}
