/** The run index in memory: for tests and simulations. What it keeps outlives the engine over it, as a database would. */
import { LogError } from '../log.ts';
import type { IndexUpdate, IndexedPosition, IndexedRun, RunIndex, RunSegment } from '../run-index.ts';

export class MemoryRunIndex implements RunIndex {
  readonly #positions = new Map<number, IndexedPosition>();
  readonly #runs = new Map<string, IndexedRun & { readonly partition: number }>();
  readonly #segments = new Map<string, RunSegment[]>();

  position(partition: number): Promise<IndexedPosition | undefined> {
    return Promise.resolve(this.#positions.get(partition));
  }

  update({ partition, from, to, runs, segments }: IndexUpdate): Promise<void> {
    const at = this.#positions.get(partition)?.position.offset ?? -1;
    if (at !== from.offset) return Promise.reject(new LogError('log/misuse', `The run index of partition ${partition} stands at offset ${at}, not at ${from.offset}.`, { partition, offset: at }));
    for (const run of runs) {
      const known = this.#runs.get(run.run);
      if (known !== undefined && (known.sequence > run.sequence || (known.sequence === run.sequence && run.snapshot === undefined))) continue;
      this.#runs.set(run.run, { ...run, snapshot: run.snapshot ?? known?.snapshot, partition });
    }
    for (const segment of segments) this.#segments.set(segment.run, [...(this.#segments.get(segment.run) ?? []), segment]);
    this.#positions.set(partition, to);
    return Promise.resolve();
  }

  load(runs: readonly string[]): Promise<ReadonlyMap<string, IndexedRun>> {
    const found = new Map<string, IndexedRun>();
    for (const run of runs) {
      const indexed = this.#runs.get(run);
      if (indexed !== undefined) found.set(run, indexed);
    }
    return Promise.resolve(found);
  }

  segments(run: string, after: number): Promise<readonly RunSegment[]> {
    return Promise.resolve((this.#segments.get(run) ?? []).filter((segment) => (segment.lasts.at(-1) ?? 0) > after));
  }

  due(partition: number, until: number, max: number): Promise<readonly string[]> {
    const due = [...this.#runs.values()].filter((run) => run.partition === partition && run.wakeAt !== undefined && run.wakeAt <= until);
    return Promise.resolve(due.sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0)).slice(0, max).map(({ run }) => run));
  }

  underWay(partition: number): Promise<readonly string[]> {
    return Promise.resolve([...this.#runs.values()].filter((run) => run.partition === partition && run.underWay).map(({ run }) => run));
  }

  scan(after: string | undefined, max: number): Promise<readonly IndexedRun[]> {
    const all = [...this.#runs.values()].filter(({ run }) => run > (after ?? '')).sort((a, b) => (a.run < b.run ? -1 : 1));
    return Promise.resolve(all.slice(0, max));
  }

  reset(): Promise<void> {
    this.#positions.clear();
    this.#runs.clear();
    this.#segments.clear();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
