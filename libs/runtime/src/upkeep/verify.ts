/**
 * Holds everything that is derived from the log against the log: snapshots, the run index, and the rows of the views.
 * A derived thing may lag behind, so each is compared with the state of its run at the very event that it claims.
 */
import { partitionOf, type RunView } from '@runledger/contracts';
import { canonicalJson, viewOf, writeSnapshot } from '@runledger/domain';
import { LogError, confirmPosition, type Hash, type IndexedRun, type Log, type Position, type RunIndex } from '@runledger/event-sourcing';
import { iso } from '../run-service.ts';
import { foldPartition, type FoldCounts, type FoldedRun } from './fold-log.ts';

export interface RunViewRows {
  positions(): Promise<ReadonlyMap<number, Position>>;
  scan(page: { readonly after?: RunView | undefined; readonly limit: number }): Promise<readonly RunView[]>;
}

export interface VerifyParts {
  readonly log: Log;
  readonly index: RunIndex;
  /** Left out where the views cannot be reached; then nothing is said of them. */
  readonly rows?: RunViewRows | undefined;
  readonly hash: Hash;
  readonly onProgress?: (counts: Readonly<FoldCounts>) => void;
}

export interface Difference {
  /** What differs, and where: `log partition 0 offset 17`, `snapshot of run_…`, `row of run_…`. */
  readonly place: string;
  readonly found: string;
  readonly expected: string;
}

export interface VerifyReport extends FoldCounts {
  snapshots: number;
  indexed: number;
  segments: number;
  rows: number;
  readonly differences: Difference[];
}

const PAGE_RUNS = 1_000;
const DIFFERENCES_MAX = 100;

export async function verify(parts: VerifyParts): Promise<VerifyReport> {
  const report: VerifyReport = { records: 0, ignored: 0, events: 0, runs: 0, snapshots: 0, indexed: 0, segments: 0, rows: 0, differences: [] };
  const indexed = await allIndexed(parts.index);
  const rows = parts.rows === undefined ? undefined : await allRows(parts.rows);
  const rowPositions = (await parts.rows?.positions()) ?? new Map<number, Position>();
  for (let partition = 0; partition < parts.log.partitions; partition++) {
    try {
      await verifyPartition(parts, partition, { indexed, rows, rowPosition: rowPositions.get(partition) }, report);
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      differs(report, `log ${Object.entries(error.where).map(([name, value]) => `${name} ${value}`).join(' ')}`, error.message, 'a sound record');
    }
  }
  return report;
}

interface Derived {
  readonly indexed: ReadonlyMap<string, IndexedRun>;
  readonly rows: ReadonlyMap<string, RunView> | undefined;
  readonly rowPosition: Position | undefined;
}

async function verifyPartition(parts: VerifyParts, partition: number, derived: Derived, report: VerifyReport): Promise<void> {
  const { log, index, hash } = parts;
  const indexPosition = (await index.position(partition))?.position;
  for (const position of [indexPosition, derived.rowPosition]) if (position !== undefined) await confirmPosition(log, partition, position, hash);
  const seen = { snapshots: new Set<string>(), indexed: new Set<string>(), rows: new Set<string>() };
  const sequenceAtRows = new Map<string, number>();
  const { runs, counts } = await foldPartition(log, partition, {
    hash,
    onTransition: (folded, stored) => {
      compareAt(folded, derived, seen, report);
      if (stored.offset <= (derived.rowPosition?.offset ?? -1)) sequenceAtRows.set(folded.run, sequenceOf(folded));
    },
    onPage: (pageCounts) => parts.onProgress?.({ records: report.records + pageCounts.records, ignored: report.ignored + pageCounts.ignored, events: report.events + pageCounts.events, runs: report.runs + pageCounts.runs }),
  });
  for (const name of ['records', 'ignored', 'events', 'runs'] as const) report[name] += counts[name];
  await compareIndex(index, runs, indexPosition?.offset ?? -1, derived, seen, report);
  for (const [run, sequence] of derived.rows === undefined ? [] : sequenceAtRows) {
    const row = derived.rows?.get(run);
    if (row === undefined || row.sequence < sequence) differs(report, `row of ${run}`, row === undefined ? 'none' : `event ${row.sequence}`, `event ${sequence}`);
  }
  for (const run of inPartition(derived.rows, partition)) if (!seen.rows.has(run)) differs(report, `row of ${run}`, `event ${derived.rows?.get(run)?.sequence ?? 0}`, runs.has(run) ? 'an event at which a record of the run ends' : 'no row, since the log has no such run');
}

interface Seen {
  readonly snapshots: Set<string>;
  readonly indexed: Set<string>;
  readonly rows: Set<string>;
}

/** Compares whatever claims to be of this run at this event. */
function compareAt(folded: FoldedRun, { indexed, rows }: Derived, seen: Seen, report: VerifyReport): void {
  const { run, state, head } = folded;
  const sequence = sequenceOf(folded);
  const entry = indexed.get(run);
  if (entry?.snapshot?.sequence === sequence) {
    seen.snapshots.add(run);
    report.snapshots++;
    const expected = writeSnapshot(state);
    if (entry.snapshot.text !== expected || entry.snapshot.head !== head) differs(report, `snapshot of ${run}`, shortened(entry.snapshot.text, expected), shortened(expected, entry.snapshot.text));
  }
  if (entry?.sequence === sequence) {
    seen.indexed.add(run);
    report.indexed++;
    if (entry.head !== head) differs(report, `index of ${run}`, `head ${entry.head}`, `head ${head}`);
    if (entry.tenant !== folded.tenant) differs(report, `index of ${run}`, `tenant ${entry.tenant}`, `tenant ${folded.tenant}`);
  }
  const row = rows?.get(run);
  if (row?.sequence !== sequence) return;
  seen.rows.add(run);
  report.rows++;
  const expected = canonicalJson(viewOf(folded, state, iso));
  const found = canonicalJson(row);
  if (found !== expected) differs(report, `row of ${run}`, shortened(found, expected), shortened(expected, found));
}

async function compareIndex(index: RunIndex, runs: ReadonlyMap<string, FoldedRun>, upTo: number, derived: Derived, seen: Seen, report: VerifyReport): Promise<void> {
  for (const [run, folded] of runs) {
    const expected = folded.offsets.filter((offset) => offset <= upTo);
    if (expected.length === 0) continue;
    const entry = derived.indexed.get(run);
    if (entry === undefined || !seen.indexed.has(run)) differs(report, `index of ${run}`, entry === undefined ? 'none' : `event ${entry.sequence}`, 'an entry at an event of the run');
    if (entry?.snapshot !== undefined && !seen.snapshots.has(run)) differs(report, `snapshot of ${run}`, `event ${entry.snapshot.sequence}`, 'an event at which a record of the run ends');
    const found = (await index.segments(run, 0)).flatMap((segment) => segment.offsets).filter((offset) => offset <= upTo);
    report.segments++;
    if (found.join() !== expected.join()) differs(report, `segments of ${run}`, shortened(found.join(), expected.join()), shortened(expected.join(), found.join()));
  }
}

async function allIndexed(index: RunIndex): Promise<ReadonlyMap<string, IndexedRun>> {
  const all = new Map<string, IndexedRun>();
  for (let after: string | undefined; ; ) {
    const page = await index.scan(after, PAGE_RUNS);
    for (const entry of page) all.set(entry.run, entry);
    after = page.at(-1)?.run;
    if (after === undefined) return all;
  }
}

async function allRows(rows: RunViewRows): Promise<ReadonlyMap<string, RunView>> {
  const all = new Map<string, RunView>();
  for (let after: RunView | undefined; ; ) {
    const page = await rows.scan({ after, limit: PAGE_RUNS });
    for (const row of page) all.set(row.id, row);
    after = page.at(-1);
    if (after === undefined) return all;
  }
}

const sequenceOf = ({ state }: FoldedRun): number => (state.status === 'absent' ? 0 : state.sequence);

function inPartition(rows: ReadonlyMap<string, RunView> | undefined, partition: number): readonly string[] {
  return [...(rows?.keys() ?? [])].filter((run) => partitionOf(run) === partition);
}

function differs(report: VerifyReport, place: string, found: string, expected: string): void {
  if (report.differences.length < DIFFERENCES_MAX) report.differences.push({ place, found, expected });
}

/** The part around the first character in which two texts differ. */
function shortened(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const from = Math.max(0, at - 40);
  return `${from > 0 ? '…' : ''}${text.slice(from, at + 60)}${at + 60 < text.length ? '…' : ''}`;
}
