/**
 * The list of runs that clients see, in Postgres: a projection of the event log that can be dropped and rebuilt at any
 * time. The rows and the position in the log that they stand for change in one transaction.
 */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { RunStatus, RunView } from '@runledger/contracts';
import type { Position } from '@runledger/event-sourcing';
import type { QueryRunner } from 'typeorm';
import { BULK_ROWS_MAX, newestOf, UPSERT, upsertParameters } from './bulk-rows.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { positionTable, runViewTable } from './tables.ts';
import { ViewDatabase, type ViewDatabaseOptions } from './view-database.ts';
import { ViewError } from './view-error.ts';

export const RUN_VIEWS_PROJECTION = 'run-views';
export const PAGE_RUNS_MAX = 1_000;
const DIGEST_ROWS = 5_000;

export interface RunFilter {
  readonly status?: RunStatus | undefined;
  readonly agent?: string | undefined;
  /** Exclusive, as is `startedBefore`; ISO 8601. */
  readonly startedAfter?: string | undefined;
  readonly startedBefore?: string | undefined;
  /** 1–1,000. */
  readonly limit: number;
  /** What the page before gave as `next`. */
  readonly cursor?: string | undefined;
}

export interface RunViewPage {
  readonly runs: readonly RunView[];
  /** Left out on the last page. */
  readonly next?: string;
}

/** Begins to connect and returns at once; Postgres may be away, or not be there yet. */
export function openRunViews(options: ViewDatabaseOptions): RunViews {
  return new RunViews(new ViewDatabase(options));
}

/** Every call throws `ViewError`: `view/unavailable` while Postgres is away, and works again once it is back. */
export class RunViews {
  readonly #database: ViewDatabase;

  constructor(database: ViewDatabase) {
    this.#database = database;
  }

  /** Whether Postgres answered when last asked. While it does not, it is asked again every few seconds. */
  ready(): boolean {
    return this.#database.ready();
  }

  /** Waits for the URL, and resolves once the tables are there, or throws why they are not, now. */
  opened(): Promise<void> {
    return this.#database.opened();
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Per partition, up to where the rows have read the log. Partitions of which nothing was read are left out. */
  async positions(): Promise<Map<number, Position>> {
    const rows = await this.#database.transaction('projector', (runner) => runner.manager.getRepository(positionTable).findBy({ projection: RUN_VIEWS_PROJECTION }));
    return new Map(rows.map(({ partition, position }) => [partition, position]));
  }

  /**
   * Moves a partition from one position to a later one, with the runs that changed between, whole or not at all.
   * A view is written only over an older one (by `sequence`). `views` may be empty, and may name a run twice.
   * Throws `view/position-moved` if another position than `from` stands there. After `view/unavailable` either may
   * stand there: read the positions.
   */
  async advance(partition: number, from: Position, to: Position, views: readonly RunView[]): Promise<void> {
    if (to.offset <= from.offset) throw new RangeError(`A position moves forward only; found ${to.offset} after ${from.offset}.`);
    const newest = newestOf(views);
    await this.#database.transaction('projector', async (runner) => {
      await movePosition(runner, partition, from, to);
      await writeRows(runner, partition, newest);
    });
  }

  /** A tenant's runs, newest first. Runs that start between two pages neither shift nor repeat any. */
  async list(tenant: string, filter: RunFilter): Promise<RunViewPage> {
    const { status, agent, startedAfter, startedBefore, cursor } = filter;
    const limit = pageSize(filter.limit);
    const end = cursor === undefined ? undefined : decodeCursor(cursor);
    const rows = await this.#database.transaction({ tenant }, (runner) => {
      const query = runner.manager.createQueryBuilder(runViewTable, 'run').select('run.view', 'view').where('run.tenant = :tenant', { tenant });
      if (status !== undefined) query.andWhere('run.status = :status', { status });
      if (agent !== undefined) query.andWhere('run.agent_name = :agent', { agent });
      if (startedAfter !== undefined) query.andWhere('run.started_at > CAST(:startedAfter AS timestamptz)', { startedAfter });
      if (startedBefore !== undefined) query.andWhere('run.started_at < CAST(:startedBefore AS timestamptz)', { startedBefore });
      if (end !== undefined) query.andWhere('(run.started_at, run.id) < (CAST(:endStart AS timestamptz), :endId)', { endStart: end.startedAt, endId: end.id });
      return query.orderBy('run.started_at', 'DESC').addOrderBy('run.id', 'DESC').limit(limit + 1).getRawMany<{ view: RunView }>();
    });
    const runs = rows.slice(0, limit).map(({ view }) => view);
    const last = runs.at(-1);
    return last !== undefined && rows.length > limit ? { runs, next: encodeCursor(last) } : { runs };
  }

  /** A tenant's run; undefined if the view has none (yet), or another tenant has it. */
  async get(tenant: string, id: string): Promise<RunView | undefined> {
    const row = await this.#database.transaction({ tenant }, (runner) => runner.manager.createQueryBuilder(runViewTable, 'run').select('run.view', 'view').where('run.tenant = :tenant AND run.id = :id', { tenant, id }).getRawOne<{ view: RunView }>());
    return row?.view;
  }

  /** Every row of every tenant, by tenant and id, for comparing with the log. `after` is the last row of the page before. */
  async scan({ after, limit }: { readonly after?: Pick<RunView, 'tenant' | 'id'> | undefined; readonly limit: number }): Promise<readonly RunView[]> {
    const size = pageSize(limit);
    const rows = await this.#database.transaction('projector', (runner) => {
      const query = runner.manager.createQueryBuilder(runViewTable, 'run').select('run.view', 'view');
      if (after !== undefined) query.where('(run.tenant, run.id) > (:tenant, :id)', { tenant: after.tenant, id: after.id });
      return query.orderBy('run.tenant').addOrderBy('run.id').limit(size).getRawMany<{ view: RunView }>();
    });
    return rows.map(({ view }) => view);
  }

  count(): Promise<number> {
    return this.#database.transaction('projector', (runner) => runner.manager.getRepository(runViewTable).count());
  }

  /** Forgets every row and position, so that the projection begins anew. */
  async reset(): Promise<void> {
    await this.#database.transaction('projector', async (runner) => {
      await runner.query('DELETE FROM projection_position WHERE projection = $1', [RUN_VIEWS_PROJECTION]);
      await runner.query('TRUNCATE run_view');
    });
  }

  /** SHA-256 (hex) over all rows in order. Equal logs give equal digests, however and whenever they were read. */
  digest(): Promise<string> {
    return this.#database.transaction('projector', digestRows, 'REPEATABLE READ');
  }
}

async function movePosition(runner: QueryRunner, partition: number, from: Position, to: Position): Promise<void> {
  const values = [RUN_VIEWS_PROJECTION, partition, JSON.stringify(to), to.offset];
  const { affected } =
    from.offset < 0
      ? await runner.query('INSERT INTO projection_position (projection, partition, position, "offset", updated_at) VALUES ($1, $2, $3, $4, now()) ON CONFLICT DO NOTHING', values, true)
      : await runner.query('UPDATE projection_position SET position = $3, "offset" = $4, updated_at = now() WHERE projection = $1 AND partition = $2 AND position = $5::jsonb', [...values, JSON.stringify(from)], true);
  if (affected === 1) return;
  const found = await runner.manager.getRepository(positionTable).findOneBy({ projection: RUN_VIEWS_PROJECTION, partition });
  throw new ViewError('view/position-moved', `The views of partition ${partition} stand at ${placeOf(found?.position)}; expected ${placeOf(from)}. Another process projects this partition, or the views were reset: read the positions and go on from there.`);
}

/** The next rows are prepared while Postgres writes the ones before. */
async function writeRows(runner: QueryRunner, partition: number, views: readonly RunView[]): Promise<void> {
  let writing: Promise<unknown> = Promise.resolve();
  for (let at = 0; at < views.length; at += BULK_ROWS_MAX) {
    const parameters = upsertParameters(partition, views.slice(at, at + BULK_ROWS_MAX));
    await writing;
    writing = runner.query(UPSERT, [...parameters]);
    // Only after a turn of the event loop is the statement on its way.
    await Promise.race([writing, turn()]);
  }
  await writing;
}

function placeOf(position: Position | undefined): string {
  return position === undefined || position.offset < 0 ? 'the beginning' : `offset ${position.offset} (writer ${position.fence.writer}, record ${position.fence.n})`;
}

/** Postgres hashes the rows, so that only their hashes travel. Times as seconds: their text depends on the session. */
const ROW_HASHES = `
SELECT tenant, id, encode(sha256(convert_to(concat_ws(E'\\x1f', tenant, id, partition, agent_name, agent_version, status,
  extract(epoch FROM started_at), extract(epoch FROM updated_at), coalesce(extract(epoch FROM ended_at)::text, '-'), sequence, view::text), 'UTF8')), 'hex') AS hash
FROM run_view WHERE (tenant, id) > ($1, $2) ORDER BY tenant, id LIMIT ${DIGEST_ROWS}`;

async function digestRows(runner: QueryRunner): Promise<string> {
  const digest = createHash('sha256');
  let after = { tenant: '', id: '' };
  for (;;) {
    const rows = (await runner.query(ROW_HASHES, [after.tenant, after.id])) as readonly { tenant: string; id: string; hash: string }[];
    for (const { hash } of rows) digest.update(hash);
    const last = rows.at(-1);
    if (last === undefined || rows.length < DIGEST_ROWS) return digest.digest('hex');
    after = last;
  }
}

function pageSize(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_RUNS_MAX) throw new RangeError(`A page has 1 to ${PAGE_RUNS_MAX} runs; asked for ${limit}.`);
  return limit;
}
