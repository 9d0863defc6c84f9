/**
 * Files of a log are damaged at random places, with a fixed seed. Either every acknowledged record is
 * read back as it was, or opening or reading fails and names the place. A wrong record is never
 * returned, and an acknowledged one is never missing without a word.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogError } from '@runledger/event-sourcing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedLog, type OpenedLog } from './index.ts';
import { damage, DAMAGES, evidence, pagesOf, zeroPage, type Damage } from './testing/damage.ts';
import { thrownBy } from './testing/scratch.ts';
import { Acknowledged, compareAll, isPlacedError } from './testing/verify.ts';
import { bodiesOf, callNamed, drawCounts, seededRandom, type Random, type Written } from './testing/workload.ts';

const FILES = ['log.db', 'log.db-wal', 'log.heads'] as const;
/** The file of heads is small, and damage to one half of it is harmless. */
const CASES = { 'log.db': 50, 'log.db-wal': 50, 'log.heads': 10 };
/** After the last checkpoint: what they wrote is in the WAL only. */
const CALLS_IN_WAL = 10;
const CALLS_MAX = 400;
const CHECKPOINTS = 5;

let root = '';
let template = '';
let acknowledged = new Acknowledged();

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'runledger-damage-'));
  template = join(root, 'template');
  acknowledged = await writeTemplate(template);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A log as a killed process leaves it: a part of it in the database, the rest in the WAL. */
async function writeTemplate(into: string): Promise<Acknowledged> {
  const living = join(root, 'living');
  const random = seededRandom(7);
  const written = new Acknowledged();
  const before = openEmbeddedLog(living, { partitions: 2 });
  await produceAndDelete(before, written);
  await before.close();
  const opened = openEmbeddedLog(living, { checkpointPages: 60 });
  let inWal = 0;
  for (let k = 0; k < CALLS_MAX && inWal < CALLS_IN_WAL; k += 1) {
    written.add(await writeSome(opened, `call-${k}`, random));
    if (opened.stats().checkpoints === CHECKPOINTS) inWal += 1;
  }
  expect(opened.stats().checkpoints).toBe(CHECKPOINTS);
  cpSync(living, into, { recursive: true });
  await opened.close();
  return written;
}

/** Leaves free pages in the database, which later writes will use. */
async function produceAndDelete({ inbox }: OpenedLog, written: Acknowledged): Promise<void> {
  const part: Written = { kind: 'inbox', partition: 1, offset: 0, call: 'commands', count: 1_300 };
  await Promise.all(bodiesOf(part).map((body) => inbox.produce(1, body)));
  written.add([part]);
  await inbox.bury(1, { offset: 7, body: 'poison' }, 'not JSON');
  await inbox.trimBelow(1, 1_290);
  written.trimmed(1, 1_290);
}

async function writeSome({ log, inbox }: OpenedLog, name: string, random: Random): Promise<Written[]> {
  const counts = drawCounts(random, 2).map((count) => count + 1);
  const call = callNamed(name, counts);
  const parts = await Promise.all(counts.map(async (count, partition): Promise<Written> => ({ kind: 'log', partition, offset: (await log.extent(partition)).end, call, count })));
  const outcomes = await log.append(parts.map((part) => ({ partition: part.partition, expected: part.offset, bodies: bodiesOf(part) })));
  for (const answer of outcomes) if (answer.outcome !== 'accepted') throw answer.outcome === 'unknown' ? answer.error : new Error('The only writer was fenced.');
  const command: Written = { kind: 'inbox', partition: random.integer(0, 2), offset: 0, call, count: 1 };
  const placed = { ...command, offset: (await inbox.extent(command.partition)).end };
  await Promise.all(bodiesOf(placed).map((body) => inbox.produce(placed.partition, body)));
  return [...parts, placed];
}

type Found = 'identical' | 'log/corrupt' | 'log/truncated';

/** Opens the damaged log and reads all of it; if nothing is found, writes on and reads it again. */
async function lookAt(directory: string): Promise<Found> {
  const before = evidence(directory);
  let opened: OpenedLog;
  try {
    opened = openEmbeddedLog(directory);
  } catch (error) {
    expect(evidence(directory), 'a refused open must leave the files as they were').toEqual(before);
    return codeOf(error);
  }
  try {
    const compared = await compareAll(opened, acknowledged);
    expect(compared.unacknowledged).toBe(0);
    expect(await opened.inbox.deadLetters()).toEqual([{ partition: 1, offset: 7, body: 'poison', reason: 'not JSON' }]);
    await writeOn(opened, directory);
    return 'identical';
  } catch (error) {
    return codeOf(error);
  } finally {
    await opened.close();
  }
}

/** Damage in unused space may still be met by a later write. It may fail then, but return nothing wrong. */
async function writeOn(opened: OpenedLog, directory: string): Promise<void> {
  const more = Acknowledged.copyOf(acknowledged);
  try {
    for (let k = 0; k < 3; k += 1) more.add(await writeSome(opened, `later-${k}`, seededRandom(k)));
    await opened.close();
    const again = openEmbeddedLog(directory);
    await compareAll(again, more).finally(() => again.close());
  } catch (error) {
    codeOf(error);
    metByLaterWrites += 1;
  }
}

let metByLaterWrites = 0;

function codeOf(error: unknown): Found {
  if (!isPlacedError(error)) throw error;
  if (error.code === 'log/corrupt' || error.code === 'log/truncated') return error.code;
  throw error;
}

describe('a damaged log', () => {
  const counts: Record<string, Record<string, number>> = {};

  it.each(FILES.flatMap((name) => DAMAGES.map((kind) => [name, kind] as const)).filter(([name, kind]) => name !== 'log.heads' || kind !== 'misplaced-page'))('%s, %s: returns what was acknowledged, or says where it cannot', async (name, kind: Damage) => {
    const random = seededRandom(FILES.indexOf(name) * 100 + DAMAGES.indexOf(kind));
    const found: Record<string, number> = {};
    for (let k = 0; k < (kind === 'removed' ? 1 : CASES[name]); k += 1) {
      const directory = join(root, 'case');
      cpSync(template, directory, { recursive: true });
      const what = damage(directory, name, kind, random);
      const code = await lookAt(directory).catch((error: unknown) => {
        throw new Error(`${what}: ${String(error)}`, { cause: error });
      });
      found[code] = (found[code] ?? 0) + 1;
      rmSync(directory, { recursive: true });
    }
    counts[`${name} ${kind}`] = found;
  });

  it('was met in every way that must occur', () => {
    console.table(counts);
    const total = (code: Found, prefix = ''): number => Object.entries(counts).reduce((sum, [key, found]) => sum + (key.startsWith(prefix) ? (found[code] ?? 0) : 0), 0);
    const cases = total('identical') + total('log/corrupt') + total('log/truncated');
    console.log(JSON.stringify({ cases, identical: total('identical'), corrupt: total('log/corrupt'), truncated: total('log/truncated'), metByLaterWrites }));
    expect(cases).toBeGreaterThanOrEqual(100);
    expect(total('identical')).toBeGreaterThan(0);
    expect(total('log/corrupt', 'log.db ')).toBeGreaterThan(0);
    expect(total('log/truncated', 'log.db-wal')).toBeGreaterThan(0);
    expect(counts['log.db removed']).toEqual({ 'log/truncated': 1 });
    expect(counts['log.db-wal removed']).toEqual({ 'log/truncated': 1 });
    expect(counts['log.heads removed']).toEqual({ 'log/truncated': 1 });
  });
});

describe('what is left of a damaged log', () => {
  it('stays as it was while opening is refused, whichever page is lost', async () => {
    const living = join(root, 'pages');
    const before = openEmbeddedLog(living, { partitions: 1 });
    await Promise.all(Array.from({ length: 60 }, (_, k) => before.inbox.produce(0, `command ${k} ${'x'.repeat(500)}`)));
    await before.close();
    const opened = openEmbeddedLog(living);
    for (let k = 0; k < 30; k += 1) await opened.log.append([{ partition: 0, expected: k, bodies: ['x'.repeat(900)] }]);
    const copy = join(root, 'pages-copy');
    cpSync(living, copy, { recursive: true });
    await opened.close();
    const pages = pagesOf(copy);
    let refused = 0;
    for (let page = 0; page < pages; page += 1) {
      const directory = join(root, 'page');
      cpSync(copy, directory, { recursive: true });
      zeroPage(directory, page);
      const left = evidence(directory);
      try {
        await openEmbeddedLog(directory).close();
      } catch {
        expect(evidence(directory), `page ${page}`).toEqual(left);
        refused += 1;
      }
      rmSync(directory, { recursive: true });
    }
    console.log(`${refused} of ${pages} lost pages were noticed on opening`);
    expect(refused).toBeGreaterThan(3);
  });

  it('tells of a lost dead letter, though no partition is shorter than it was', async () => {
    const living = join(root, 'letter');
    const opened = openEmbeddedLog(living, { partitions: 1 });
    await opened.inbox.bury(0, { offset: 0, body: 'poison' }, 'not JSON');
    const copy = join(root, 'letter-copy');
    cpSync(living, copy, { recursive: true });
    await opened.close();
    damage(copy, 'log.db-wal', 'removed', seededRandom(1));
    expect(thrownBy(() => openEmbeddedLog(copy))).toMatchObject({ code: 'log/truncated', message: expect.stringContaining('0 dead letters, but 1') });
  });

  it('can be read with readOnly, up to the exact place', async () => {
    const directory = join(root, 'left');
    cpSync(template, directory, { recursive: true });
    damage(directory, 'log.db-wal', 'removed', seededRandom(1));
    expect(() => openEmbeddedLog(directory)).toThrow(LogError);
    const opened = openEmbeddedLog(directory, { readOnly: true });
    expect(opened.findings.map(({ code }) => code)).toContain('log/truncated');
    const { end } = await opened.log.extent(0);
    expect(end).toBeGreaterThan(0);
    expect(end).toBeLessThan(acknowledged.of('log', 0).length);
    const records = await opened.log.read(0, 0, { recordsMax: 100_000, bytesMax: 1e9 });
    expect(records.map(({ body }) => body)).toEqual(acknowledged.of('log', 0).slice(0, end));
    await expect(opened.log.read(0, end + 1, { recordsMax: 1, bytesMax: 1 })).rejects.toMatchObject({ code: 'log/truncated' });
    await opened.close();
  });

  it('is written on only if the loss is accepted, and then opens as usual', async () => {
    const directory = join(root, 'accepted');
    cpSync(template, directory, { recursive: true });
    damage(directory, 'log.db-wal', 'removed', seededRandom(1));
    const left = openEmbeddedLog(directory, { readOnly: true });
    await left.close();
    const opened = openEmbeddedLog(directory, { acceptLoss: true });
    expect(opened.inbox.id).not.toBe(left.inbox.id);
    const { end } = await opened.log.extent(1);
    expect(await opened.log.append([{ partition: 1, expected: end, bodies: ['after the loss'] }])).toMatchObject([{ outcome: 'accepted' }]);
    await opened.close();
    const again = openEmbeddedLog(directory);
    expect(again.inbox.id).toBe(opened.inbox.id);
    expect(await again.log.extent(1)).toEqual({ start: 0, end: end + 1 });
    await again.close();
  });
});
