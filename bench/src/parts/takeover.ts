/** A new owner over a log with an index: from the start of its engine to its first decision. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedLog, openEmbeddedRunIndex } from '@runledger/log-embedded';
import { Engine, InProcessLane, newId, rebuildIndex, sha256, systemClock, type EngineParts } from '@runledger/runtime';
import { atMost, type Target } from '../figures/figure.ts';
import { PartBuilder, type Part } from '../figures/results.ts';
import { numberText } from '../figures/table.ts';
import { GeneratedRun, LogGenerator } from '../generated-log/generated-log.ts';
import { quiet, watch, type Watched } from '../machine/interference.ts';
import type { Options } from '../options.ts';
import { inScratch } from '../platform-child/platform-child.ts';
import { STEPS } from '../work/stubs.ts';

/** Steps that each open run had made when the index was built; a long run has a snapshot there, a short one is folded from its records. */
const KINDS = [
  { id: 'takeover', what: 'runs of the measured kind', stepsBefore: 5, steps: STEPS },
  { id: 'takeover-long', what: 'long runs', stepsBefore: 110, steps: 220 },
] as const;
const TAIL_RECORDS_PER_RUN = 10;

type Kind = (typeof KINDS)[number];

interface Taken {
  readonly openMs: number;
  readonly firstMs: number;
  readonly allMs: number;
}

export async function measureTakeover(options: Options): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const kind of KINDS) parts.push(await inScratch(options, (scratch) => measureKind(scratch, kind, options)));
  return parts;
}

async function measureKind(scratch: string, kind: Kind, { sizes: { openRuns }, repeats, patienceSeconds }: Options): Promise<Part> {
  const original = join(scratch, 'original');
  const { snapshots, records, tail } = await prepare(original, openRuns, kind);
  const part = new PartBuilder(`Takeover: ${numberText(openRuns)} open ${kind.what}, each with a call under way, ${numberText(tail)} records after the index`);
  part.note(`${numberText(records)} records in all; the index held ${numberText(snapshots)} snapshots. In this process, whose code is warm; the part "recovery" has a fresh one.`);
  const taken: Watched<Taken>[] = [];
  for (let k = 0; k < repeats; k++) {
    const directory = join(scratch, `copy-${k}`);
    cpSync(original, directory, { recursive: true });
    await quiet(patienceSeconds);
    taken.push(await watch({}, () => takeOver(directory, openRuns)));
  }
  const { kept, disturbed } = part.undisturbed('takeover', taken);
  const add = (id: string, what: string, of: (one: Taken) => number, target?: Target): void => part.add({ id: `${kind.id}/${id}`, what, unit: 'ms', values: kept.map(({ value }) => of(value)), disturbed, target });
  add('open', 'start of the engine to all partitions open (its claim is accepted)', ({ openMs }) => openMs, atMost(400, 150));
  add('first-append', '… to the first decision accepted', ({ firstMs }) => firstMs, atMost(400, 150));
  add('all-attempts', '… to every lost attempt handed out again', ({ allMs }) => allMs);
  return part.end();
}

/** Open runs, an index that knows them, and then a tail that it does not know. */
async function prepare(directory: string, openRuns: number, { steps, stepsBefore }: Kind) {
  mkdirSync(directory);
  const { log, inbox, close } = openEmbeddedLog(directory, { partitions: 1 });
  const index = openEmbeddedRunIndex(directory);
  const generator = new LogGenerator(log);
  const runs = Array.from({ length: openRuns }, () => new GeneratedRun(steps));
  await generator.begin();
  for (let step = 0; step <= stepsBefore; step++) await generator.advance(runs);
  await generator.flush();
  const indexed = generator.records;
  await rebuildIndex({ ...lent, log, inbox, index, lane: idleLane(() => undefined) });
  let snapshots = 0;
  for (let page = await index.scan(undefined, 1_000); page.length > 0; page = await index.scan(page.at(-1)?.run, 1_000)) snapshots += page.filter(({ snapshot }) => snapshot !== undefined).length;
  for (let record = 0; record < TAIL_RECORDS_PER_RUN; record++) await generator.advance(runs);
  await generator.flush();
  await index.close();
  await close();
  return { snapshots, records: generator.records, tail: generator.records - indexed };
}

async function takeOver(directory: string, openRuns: number): Promise<Taken> {
  const { log, inbox, close } = openEmbeddedLog(directory);
  const index = openEmbeddedRunIndex(directory);
  let handedOut = 0;
  let allHandedOut = (): void => undefined;
  const all = new Promise<void>((resolve) => (allHandedOut = resolve));
  const lane = idleLane(() => {
    if (++handedOut === openRuns) allHandedOut();
  });
  const engine = new Engine({ ...lent, log, inbox, index, lane });
  let firstMs = NaN;
  const startedAt = performance.now();
  const sinceMs = (): number => performance.now() - startedAt;
  const unfollow = engine.follow(() => {
    firstMs = sinceMs();
    unfollow();
  });
  await engine.start();
  const openMs = sinceMs();
  await all;
  const allMs = sinceMs();
  await engine.stop(0);
  await index.close();
  await close();
  return { openMs, firstMs, allMs };
}

const lent: Omit<EngineParts, 'log' | 'inbox' | 'index' | 'lane'> = { clock: systemClock, hash: sha256, newId, random: Math.random, report: () => undefined };

/** Takes every task, says so, and never ends one. */
function idleLane(taken: () => void): InProcessLane {
  const never = (): Promise<never> => {
    taken();
    return new Promise(() => undefined);
  };
  return new InProcessLane({ worker: 'idle', clock: systemClock, random: Math.random, report: () => undefined, handlers: { canDo: () => true, model: never, tool: never }, concurrencyMax: { model: Infinity, tool: Infinity } });
}
