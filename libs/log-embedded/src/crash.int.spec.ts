/**
 * A process that writes is killed at random moments, again and again over the same directory. Whatever it
 * had said is acknowledged must be there, byte for byte; what it had not said may be there, but whole.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openEmbeddedLog } from './index.ts';
import { runChild, type Child } from './testing/run-child.ts';
import { Acknowledged, compareAll } from './testing/verify.ts';
import { seededRandom, type Random } from './testing/workload.ts';

const LANES = 2;
const KILLS_PER_LANE = 105;
/** The log starts anew after so many kills, so that reading it whole stays cheap. */
const KILLS_PER_DIRECTORY = 21;
/** From the start of the process, and from its first word. */
const OPENING_MS_MAX = 120;
const WRITING_MS_MAX = 12;

interface Tally {
  kills: number;
  whileOpening: number;
  withAcknowledged: number;
  withUnacknowledged: number;
  records: number;
  acknowledged: number;
}

it(
  'keeps every acknowledged record over more than two hundred kills',
  async () => {
    const tally: Tally = { kills: 0, whileOpening: 0, withAcknowledged: 0, withUnacknowledged: 0, records: 0, acknowledged: 0 };
    const compileCache = await mkdtemp(join(tmpdir(), 'runledger-compile-cache-'));
    await runChild('warmUp', compileCache, {}, { compileCache }).ended;
    await Promise.all(Array.from({ length: LANES }, (_, lane) => killAndCompare(seededRandom(lane + Date.now()), compileCache, tally)));
    await rm(compileCache, { recursive: true });
    console.log('kills:', JSON.stringify(tally));
    expect(tally.kills).toBeGreaterThanOrEqual(200);
    for (const [what, count] of Object.entries(tally)) expect(count, what).toBeGreaterThan(0);
  },
  180_000,
);

async function killAndCompare(random: Random, compileCache: string, tally: Tally): Promise<void> {
  for (let kills = 0; kills < KILLS_PER_LANE; kills += KILLS_PER_DIRECTORY) {
    const directory = await mkdtemp(join(tmpdir(), 'runledger-crash-'));
    const acknowledged = new Acknowledged();
    for (let k = 0; k < KILLS_PER_DIRECTORY; k += 1) await killOnce(runWriter(directory, random, compileCache), directory, acknowledged, random, tally);
    await rm(directory, { recursive: true });
  }
}

function runWriter(directory: string, random: Random, compileCache: string): Child {
  return runChild('write', directory, { seed: random.integer(0, 2 ** 31), checkpointPages: random.integer(5, 100) }, { compileCache });
}

async function killOnce(child: Child, directory: string, acknowledged: Acknowledged, random: Random, tally: Tally): Promise<void> {
  if (random.next() < 0.2) {
    await sleep(random.next() * OPENING_MS_MAX);
  } else {
    await child.first(({ accepted }) => accepted !== undefined);
    await sleep(random.next() * WRITING_MS_MAX);
  }
  child.process.kill('SIGKILL');
  const { signal, errors } = await child.ended;
  expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' });
  const said = collect(child, acknowledged);
  tally.kills += 1;
  tally.acknowledged += said;
  if (child.lines.length === 0) tally.whileOpening += 1;
  else if (said > 0) tally.withAcknowledged += 1;
  const opened = openEmbeddedLog(directory, { partitions: 2 });
  try {
    const compared = await compareAll(opened, acknowledged);
    tally.records += compared.records;
    if (compared.unacknowledged > 0) tally.withUnacknowledged += 1;
    const letters = (await opened.inbox.deadLetters()).map(({ partition, offset }) => ({ partition, offset }));
    for (const { buried } of child.lines) if (buried !== undefined) expect(letters).toContainEqual(buried);
    await adopt(opened, acknowledged);
  } finally {
    await opened.close();
  }
}

/** Returns how many records the child had been told are durable. */
function collect({ lines }: Child, acknowledged: Acknowledged): number {
  let records = 0;
  for (const { accepted = [], trimmed } of lines) {
    acknowledged.add(accepted);
    for (const { count } of accepted) records += count;
    if (trimmed !== undefined) acknowledged.trimmed(trimmed.partition, trimmed.below);
  }
  return records;
}

/** What was read once must be read again: from here on the unacknowledged records count like the others. */
async function adopt({ log, inbox }: ReturnType<typeof openEmbeddedLog>, acknowledged: Acknowledged): Promise<void> {
  for (const [kind, readable] of [['log', log], ['inbox', inbox]] as const) {
    for (let partition = 0; partition < log.partitions; partition += 1) {
      const known = acknowledged.of(kind, partition);
      const { end } = await readable.extent(partition);
      while (known.length < end) for (const { offset, body } of await readable.read(partition, known.length, { recordsMax: 1_000, bytesMax: 1e7 })) known[offset] = body;
    }
  }
}
