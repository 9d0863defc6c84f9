/** Makes everything that is derived from the log anew. Only while no engine runs over the same log. */
import { partitionOf, type RunView } from '@runledger/contracts';
import { ABSENT, readSnapshot, viewOf, type Run } from '@runledger/domain';
import { BEGINNING, type IndexedRun } from '@runledger/event-sourcing';
import { IndexWriter } from '../partitions/index-writer.ts';
import { Partition } from '../partitions/partition.ts';
import { Takeover, newTailReport } from '../partitions/takeover.ts';
import { DEFAULT_LIMITS, type EngineParts } from '../ports.ts';
import { RunLoader } from '../runs/run-loader.ts';
import { iso } from '../run-service.ts';
import { type RunViewSink } from '../views/run-view-projector.ts';

export interface RebuildSink extends RunViewSink {
  reset(): Promise<void>;
}

export interface RebuildReport {
  records: number;
  runs: number;
  rows: number;
}

const PAGE_RUNS = 1_000;

/** Drops the run index and makes it from the log. Nothing is written to the log. */
export async function rebuildIndex(parts: EngineParts, onProgress: (records: number) => void = () => undefined): Promise<RebuildReport> {
  await parts.index.reset();
  const report: RebuildReport = { records: 0, runs: 0, rows: 0 };
  const indexWriter = new IndexWriter(parts, DEFAULT_LIMITS, () => undefined);
  const takeover = new Takeover(parts, new RunLoader(parts.log, parts.index, parts.hash), indexWriter);
  for (let number = 0; number < parts.log.partitions; number++) {
    const partition = new Partition(number);
    const tail = newTailReport();
    await takeover.begin(partition);
    await takeover.readTail(partition, tail);
    await indexWriter.flush(partition);
    report.records += tail.records;
    onProgress(report.records);
  }
  for await (const page of indexPages(parts)) report.runs += page.length;
  return report;
}

/** Drops the rows and makes them from the run index, which must be up to date. */
export async function rebuildViews(parts: EngineParts, sink: RebuildSink): Promise<number> {
  await sink.reset();
  let rows = 0;
  const views = new Map<number, RunView[]>();
  const loader = new RunLoader(parts.log, parts.index, parts.hash);
  for await (const page of indexPages(parts)) {
    for (const indexed of page) {
      const { run, tenant } = indexed;
      const partition = partitionOf(run) ?? 0;
      const view = viewOf({ run, tenant }, await stateOf(loader, partition, indexed), iso);
      if (view === undefined) continue;
      const collected = views.get(partition);
      if (collected === undefined) views.set(partition, [view]);
      else collected.push(view);
      rows++;
    }
  }
  for (let partition = 0; partition < parts.log.partitions; partition++) {
    const position = (await parts.index.position(partition))?.position ?? BEGINNING;
    if (position.offset >= 0) await sink.advance(partition, BEGINNING, position, views.get(partition) ?? []);
  }
  return rows;
}

async function stateOf(loader: RunLoader, partition: number, { run, sequence, snapshot }: IndexedRun): Promise<Run> {
  const current = snapshot?.sequence === sequence ? readSnapshot(snapshot.text) : undefined;
  if (current !== undefined) return current;
  const [live] = await loader.load(partition, [run]);
  return live?.state ?? ABSENT;
}

async function* indexPages(parts: Pick<EngineParts, 'index'>) {
  for (let after: string | undefined; ; ) {
    const page = await parts.index.scan(after, PAGE_RUNS);
    if (page.length > 0) yield page;
    after = page.at(-1)?.run;
    if (after === undefined) return;
  }
}
