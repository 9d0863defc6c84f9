/**
 * Programs that tests run in a process of their own, to be killed or starved: `child.ts <role> <directory> <json>`.
 * What they have to say goes line by line to standard output, synchronously, so that a line is out before the next step.
 */
import { closeSync, openSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LogError, type AppendOutcome } from '@runledger/event-sourcing';
import { openEmbeddedLog, type OpenedLog } from '../index.ts';
import { bodiesOf, callNamed, drawCounts, seededRandom, type Written } from './workload.ts';

const PARTITIONS = 2;
const CALLS_MAX = 100_000;
const LIMITS = { recordsMax: 1_000, bytesMax: 8 * 1024 * 1024 };

function say(value: unknown): void {
  writeSync(1, `${JSON.stringify(value)}\n`);
}

/** Appends, produces and deletes without end, and says what was acknowledged, until it is killed. */
async function write(directory: string, { seed, checkpointPages }: { seed: number; checkpointPages: number }): Promise<void> {
  const { log, inbox } = openEmbeddedLog(directory, { partitions: PARTITIONS, checkpointPages });
  const random = seededRandom(seed);
  const ends = await Promise.all([0, 1].map(async (partition) => (await log.extent(partition)).end));
  say({ opened: ends });
  for (let k = 0; k < CALLS_MAX; k += 1) {
    const counts = drawCounts(random, PARTITIONS);
    const call = callNamed(`${process.pid}-${k}`, counts);
    const parts: Written[] = counts.map((count, partition) => ({ kind: 'log', partition, offset: ends[partition] ?? 0, call, count }));
    const used = parts.filter(({ count }) => count > 0);
    const outcomes = await log.append(used.map((part) => ({ partition: part.partition, expected: part.offset, bodies: bodiesOf(part) })));
    if (outcomes.some(({ outcome }) => outcome !== 'accepted')) return say({ refused: outcomes });
    for (const { partition, count, offset } of used) ends[partition] = offset + count;
    say({ accepted: used });
    if (random.next() < 0.3) await produceAndTrim(inbox, call, random.integer(0, PARTITIONS), random.next() < 0.3);
  }
}

async function produceAndTrim(inbox: OpenedLog['inbox'], call: string, partition: number, trim: boolean): Promise<void> {
  const { end } = await inbox.extent(partition);
  const part: Written = { kind: 'inbox', partition, offset: end, call, count: 3 };
  await Promise.all(bodiesOf(part).map((body) => inbox.produce(partition, body)));
  say({ accepted: [part] });
  await inbox.bury(partition, { offset: end, body: 'poison' }, 'not JSON');
  say({ buried: { partition, offset: end } });
  if (!trim) return;
  // Said beforehand: from now on the records may be gone.
  say({ trimmed: { partition, below: Math.max(0, end - 50) } });
  await inbox.trimBelow(partition, Math.max(0, end - 50));
}

/** Holds the log open for writing until it is killed, though nothing refers to it any more. */
async function hold(directory: string): Promise<void> {
  openEmbeddedLog(directory, { partitions: PARTITIONS });
  setFlagsFromString('--expose-gc');
  for (let k = 0; k < 3; k += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    runInNewContext('gc()');
  }
  say({ holding: process.pid });
  await new Promise(() => setInterval(() => undefined, 1_000));
}

/** Follows partition 0 beside the writer, until it has seen `count` records, and says all of them. */
async function follow(directory: string, { count }: { count: number }): Promise<void> {
  const opened = openEmbeddedLog(directory, { readOnly: true, pollMs: 2 });
  const bodies: string[] = [];
  say({ following: (await opened.log.extent(0)).end });
  await new Promise<void>((resolve) => {
    let reading = Promise.resolve();
    const readOn = async (): Promise<void> => {
      for (const { body } of await opened.log.read(0, bodies.length, LIMITS)) bodies.push(body);
      if (bodies.length >= count) resolve();
    };
    opened.log.onAppended(() => void (reading = reading.then(readOn)));
    reading = reading.then(readOn);
  });
  say({ bodies });
  await opened.close();
}

/** Appends until an append is not accepted, then tries twice more and reads everything. */
async function fill(directory: string, { breakSync }: { breakSync?: boolean }): Promise<void> {
  let stopped = 0;
  const { log, close } = openEmbeddedLog(directory, { partitions: PARTITIONS, checkpointPages: 40, onStopped: () => (stopped += 1) });
  let end = 0;
  let outcome: AppendOutcome | undefined;
  const append = async (): Promise<AppendOutcome | undefined> => {
    const part: Written = { kind: 'log', partition: 0, offset: end, call: `${process.pid}-${end}`, count: 10 };
    [outcome] = await log.append([{ partition: 0, expected: end, bodies: bodiesOf(part) }]);
    if (outcome?.outcome === 'accepted') say({ accepted: [part] });
    return outcome;
  };
  for (let calls = 0; calls < CALLS_MAX; calls += 1) {
    if (breakSync === true && calls === 20) replaceWalByNull(directory);
    if ((await append())?.outcome !== 'accepted') break;
    end += 10;
  }
  const refused = [outcome, await append(), await append()].map(describe);
  const read = breakSync === true ? undefined : await readWhole(log);
  say({ refused, stopped, read });
  await close();
  say({ closed: true });
}

async function readWhole(log: OpenedLog['log']): Promise<number> {
  let count = 0;
  for (let records; (records = await log.read(0, count, LIMITS)).length > 0; ) count += records.length;
  return count;
}

function describe(outcome: AppendOutcome | undefined): unknown {
  if (outcome?.outcome !== 'unknown') return outcome;
  return { outcome: outcome.outcome, code: outcome.error instanceof LogError ? outcome.error.code : 'none', message: outcome.error.message };
}

/** Puts /dev/null in place of the open WAL: it takes every write, and fails every sync. */
function replaceWalByNull(directory: string): void {
  for (const name of readdirSync('/proc/self/fd')) {
    if (!linkOf(name).startsWith(directory) || !linkOf(name).endsWith('-wal')) continue;
    closeSync(Number(name));
    while (openSync('/dev/null', 'r+') !== Number(name));
  }
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

/** Does nothing, so that its compiled modules are kept: a process that is killed does not keep them. */
async function warmUp(): Promise<void> {
  say({ closed: true });
}

const [role = '', directory = '', json = '{}'] = process.argv.slice(2);
const roles: Record<string, (directory: string, options: never) => Promise<void>> = { write, hold, follow, fill, warmUp };
const run = roles[role];
if (run === undefined) throw new Error(`There is no role "${role}": the roles are ${Object.keys(roles).join(', ')}.`);
const parent = process.ppid;
// A test that was ended itself must not leave its processes behind.
setInterval(() => process.ppid === parent || process.exit(1), 1_000).unref();
await run(directory, JSON.parse(json) as never);
