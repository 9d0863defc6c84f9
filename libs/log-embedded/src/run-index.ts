/**
 * The run index beside the embedded log, in a database of its own. It is a projection, so its commits are not
 * synced one by one: after a power cut it is an older index, never a wrong one, and the log fills the rest in.
 */
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LogError, type IndexedPosition, type IndexedRun, type IndexUpdate, type RunIndex, type RunSegment } from '@runledger/event-sourcing';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS run (
    run TEXT PRIMARY KEY, partition INTEGER NOT NULL, tenant TEXT NOT NULL, sequence INTEGER NOT NULL, head TEXT NOT NULL, status TEXT NOT NULL,
    wake_at INTEGER, under_way INTEGER NOT NULL, snapshot_sequence INTEGER, snapshot_head TEXT, snapshot TEXT
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS run_wake ON run (partition, wake_at) WHERE wake_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS run_under_way ON run (partition) WHERE under_way = 1;
  CREATE TABLE IF NOT EXISTS segment (run TEXT NOT NULL, last INTEGER NOT NULL, offsets TEXT NOT NULL, lasts TEXT NOT NULL, PRIMARY KEY (run, last)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS position (partition INTEGER PRIMARY KEY, position TEXT NOT NULL);
`;

interface RunRow {
  run: string;
  tenant: string;
  sequence: number;
  head: string;
  status: string;
  wake_at: number | null;
  under_way: number;
  snapshot_sequence: number | null;
  snapshot_head: string | null;
  snapshot: string | null;
}

export interface EmbeddedRunIndexOptions {
  readonly readOnly?: boolean;
}

/** Opens `index.db` in the directory. Throws `LogError` `log/corrupt` if it cannot be read: delete it, and it is rebuilt. */
export function openEmbeddedRunIndex(directory: string, options: EmbeddedRunIndexOptions = {}): RunIndex {
  const file = join(directory, 'index.db');
  try {
    return new EmbeddedRunIndex(file, options.readOnly === true);
  } catch (error) {
    throw new LogError('log/corrupt', `The run index ${file} cannot be opened: ${String(error)}. It can be rebuilt from the log: run "runledger rebuild".`, { file }, { cause: error });
  }
}

class EmbeddedRunIndex implements RunIndex {
  readonly #db: DatabaseSync;
  readonly #statements: Record<'put' | 'putSnapshot' | 'segment' | 'position' | 'get' | 'getPosition' | 'segments' | 'due' | 'underWay' | 'scan', StatementSync>;

  constructor(file: string, readOnly: boolean) {
    this.#db = new DatabaseSync(file, { readOnly, timeout: 5_000 });
    if (!readOnly) this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; ${SCHEMA}`);
    const prepare = (sql: string) => this.#db.prepare(sql);
    const newer = 'WHERE excluded.sequence > run.sequence OR (excluded.sequence = run.sequence AND run.snapshot_sequence IS NOT excluded.sequence)';
    const columns = 'tenant = excluded.tenant, sequence = excluded.sequence, head = excluded.head, status = excluded.status, wake_at = excluded.wake_at, under_way = excluded.under_way';
    this.#statements = {
      put: prepare(`INSERT INTO run (run, partition, tenant, sequence, head, status, wake_at, under_way) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET ${columns} ${newer}`),
      putSnapshot: prepare(`INSERT INTO run (run, partition, tenant, sequence, head, status, wake_at, under_way, snapshot_sequence, snapshot_head, snapshot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run) DO UPDATE SET ${columns}, snapshot_sequence = excluded.snapshot_sequence, snapshot_head = excluded.snapshot_head, snapshot = excluded.snapshot ${newer}`),
      segment: prepare('INSERT OR IGNORE INTO segment (run, last, offsets, lasts) VALUES (?, ?, ?, ?)'),
      position: prepare('INSERT INTO position (partition, position) VALUES (?, ?) ON CONFLICT (partition) DO UPDATE SET position = excluded.position'),
      get: prepare('SELECT * FROM run WHERE run = ?'),
      getPosition: prepare('SELECT position FROM position WHERE partition = ?'),
      segments: prepare('SELECT offsets, lasts FROM segment WHERE run = ? AND last > ? ORDER BY last'),
      due: prepare('SELECT run FROM run WHERE partition = ? AND wake_at <= ? ORDER BY wake_at LIMIT ?'),
      underWay: prepare('SELECT run FROM run WHERE partition = ? AND under_way = 1'),
      scan: prepare('SELECT * FROM run WHERE run > ? ORDER BY run LIMIT ?'),
    };
  }

  position(partition: number): Promise<IndexedPosition | undefined> {
    return Promise.resolve(this.#positionOf(partition));
  }

  #positionOf(partition: number): IndexedPosition | undefined {
    const row = this.#statements.getPosition.get(partition) as { position: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.position) as IndexedPosition);
  }

  /** Written as one stretch without a wait: the transaction must not be left before it ends. */
  async update(update: IndexUpdate): Promise<void> {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const at = this.#positionOf(update.partition)?.position.offset ?? -1;
      if (at !== update.from.offset) throw new LogError('log/misuse', `The run index of partition ${update.partition} stands at offset ${at}, not at ${update.from.offset}: somebody else has written it.`, { partition: update.partition, offset: at });
      for (const run of update.runs) this.#put(update.partition, run);
      for (const { run, offsets, lasts } of update.segments) this.#statements.segment.run(run, lasts.at(-1) ?? 0, JSON.stringify(offsets), JSON.stringify(lasts));
      this.#statements.position.run(update.partition, JSON.stringify(update.to));
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #put(partition: number, { run, tenant, sequence, head, status, wakeAt, underWay, snapshot }: IndexedRun): void {
    const common = [run, partition, tenant, sequence, head, status, wakeAt ?? null, underWay ? 1 : 0] as const;
    if (snapshot === undefined) this.#statements.put.run(...common);
    else this.#statements.putSnapshot.run(...common, snapshot.sequence, snapshot.head, snapshot.text);
  }

  load(runs: readonly string[]): Promise<ReadonlyMap<string, IndexedRun>> {
    const found = new Map<string, IndexedRun>();
    for (const run of runs) {
      const row = this.#statements.get.get(run) as unknown as RunRow | undefined;
      if (row !== undefined) found.set(run, indexedRun(row));
    }
    return Promise.resolve(found);
  }

  segments(run: string, after: number): Promise<readonly RunSegment[]> {
    const rows = this.#statements.segments.all(run, after) as unknown as { offsets: string; lasts: string }[];
    return Promise.resolve(rows.map(({ offsets, lasts }) => ({ run, offsets: JSON.parse(offsets) as number[], lasts: JSON.parse(lasts) as number[] })));
  }

  due(partition: number, until: number, max: number): Promise<readonly string[]> {
    return Promise.resolve(runsOf(this.#statements.due.all(partition, until, max)));
  }

  underWay(partition: number): Promise<readonly string[]> {
    return Promise.resolve(runsOf(this.#statements.underWay.all(partition)));
  }

  scan(after: string | undefined, max: number): Promise<readonly IndexedRun[]> {
    return Promise.resolve((this.#statements.scan.all(after ?? '', max) as unknown as RunRow[]).map(indexedRun));
  }

  reset(): Promise<void> {
    this.#db.exec('BEGIN IMMEDIATE; DELETE FROM run; DELETE FROM segment; DELETE FROM position; COMMIT');
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
    return Promise.resolve();
  }
}

function runsOf(rows: readonly unknown[]): string[] {
  return (rows as { run: string }[]).map((row) => row.run);
}

function indexedRun(row: RunRow): IndexedRun {
  const snapshot = row.snapshot === null || row.snapshot_sequence === null || row.snapshot_head === null ? undefined : { sequence: row.snapshot_sequence, head: row.snapshot_head, text: row.snapshot };
  return { run: row.run, tenant: row.tenant, sequence: row.sequence, head: row.head, status: row.status, wakeAt: row.wake_at ?? undefined, underWay: row.under_way === 1, snapshot };
}
