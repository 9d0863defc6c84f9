/**
 * The connection to Postgres, which may be away at any time: when the platform starts, and later. It is sought in the
 * background until it is there; every call in between tries once, and fails with `view/unavailable`.
 */
import type { PoolClient } from 'pg';
import { DataSource, type Logger, type QueryRunner } from 'typeorm';
import { PROJECTOR, READER } from './create-run-views-1795219200000.ts';
import { connectFault, sqlStateOf, workFault } from './database-fault.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { positionTable, runViewTable } from './tables.ts';
import { ViewError } from './view-error.ts';

const POOL_SIZE = 5;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 25_000;
/** Longer than the server's own limit: it decides only where the server has fallen silent. */
const SILENCE_MS_MAX = 30_000;
const RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;

export interface ViewDatabaseOptions {
  /** May still be on its way, while an embedded Postgres starts. */
  readonly url: string | Promise<string>;
  /** Told when Postgres goes away, and when it is back. */
  readonly log?: ((line: string) => void) | undefined;
}

/** As whom a transaction works: as the projector, or as a reader of one tenant. */
export type Access = 'projector' | { readonly tenant: string };

export class ViewDatabase {
  readonly #url: Promise<string>;
  readonly #log: (line: string) => void;
  #source: DataSource | undefined;
  #connecting: Promise<DataSource> | undefined;
  #ready = false;
  #announced = false;
  #closed = false;
  #retryMs = RETRY_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor({ url, log }: ViewDatabaseOptions) {
    this.#url = Promise.resolve(url);
    this.#log = log ?? (() => undefined);
    void this.#seek();
  }

  ready(): boolean {
    return this.#ready;
  }

  /** Waits for the URL, then resolves once the tables are there. Throws what stands against it now; the search goes on. */
  async opened(): Promise<void> {
    await this.#url.catch((error: unknown) => Promise.reject(this.#lost(connectFault(error))));
    await this.#open();
  }

  /** One transaction. Throws `ViewError`, or what `work` throws of its own. */
  async transaction<Result>(access: Access, work: (runner: QueryRunner) => Promise<Result>, isolation?: 'REPEATABLE READ'): Promise<Result> {
    const source = await this.#open();
    const runner = source.createQueryRunner();
    let client: PoolClient;
    try {
      client = (await runner.connect()) as PoolClient;
    } catch (error) {
      throw this.#lost(connectFault(error));
    }
    try {
      await runner.startTransaction(isolation);
      await become(runner, access);
      const result = await work(runner);
      await runner.commitTransaction();
      this.#found();
      return result;
    } catch (error) {
      // A connection that fell silent in the middle of a statement must not go back to the pool.
      if (workFault(error) !== error && sqlStateOf(error) === undefined) void client.end().catch(() => undefined);
      else if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw this.#lost(workFault(error));
    } finally {
      await runner.release();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#ready = false;
    clearTimeout(this.#timer);
    await this.#connecting?.catch(() => undefined);
    await this.#source?.destroy();
    this.#source = undefined;
  }

  #open(): Promise<DataSource> {
    if (this.#closed) return Promise.reject(new ViewError('view/unavailable', 'The views were closed: the platform is stopping.'));
    if (this.#source !== undefined) return Promise.resolve(this.#source);
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async #connect(): Promise<DataSource> {
    try {
      const source = new DataSource(optionsFor(await withinTime(this.#url), (error) => this.#lost(connectFault(error))));
      await source.initialize();
      try {
        await migrate(source);
      } catch (error) {
        await source.destroy();
        throw workFault(error);
      }
      this.#source = source;
      this.#found();
      return source;
    } catch (error) {
      throw this.#lost(connectFault(error));
    }
  }

  /** Keeps asking until Postgres answers. The first attempt is made at once. */
  async #seek(): Promise<void> {
    try {
      if (this.#source === undefined) await this.#open();
      else await this.transaction('projector', (runner) => runner.query('SELECT 1'));
    } catch {
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
    }
  }

  #found(): void {
    if (this.#closed) return;
    this.#ready = true;
    this.#retryMs = RETRY_MS;
    if (this.#announced) this.#log('The views in Postgres can be reached again.');
    this.#announced = false;
  }

  /** Passes the fault on, after seeing to it that the search goes on if it is one of the connection. */
  #lost(fault: unknown): unknown {
    if (!(fault instanceof ViewError) || fault.code === 'view/position-moved' || fault.code === 'view/bad-cursor') return fault;
    if (this.#source !== undefined && fault.code !== 'view/unavailable') return fault;
    this.#ready = false;
    if (this.#closed) return fault;
    if (!this.#announced) this.#log(fault.message);
    this.#announced = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#seek(), this.#retryMs);
    this.#timer.unref();
    return fault;
  }
}

/**
 * Pages are always read along an index. Right after a rebuild Postgres has no statistics, and would rather collect
 * all the runs of a tenant and sort them.
 */
const ALONG_INDICES = 'SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off';

async function become(runner: QueryRunner, access: Access): Promise<void> {
  const role = access === 'projector' ? PROJECTOR : READER;
  await runner.query(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}; ${ALONG_INDICES}; SET LOCAL ROLE ${role}`);
  if (access !== 'projector') await runner.query(`SELECT set_config('runledger.tenant', $1, true)`, [access.tenant]);
}

/** TypeORM would write statements with their values to the console. */
const nothing = () => undefined;
const silent: Logger = { logQuery: nothing, logQueryError: nothing, logQuerySlow: nothing, logSchemaBuild: nothing, logMigration: nothing, log: nothing };

function optionsFor(url: string, poolErrorHandler: (error: unknown) => void) {
  return {
    type: 'postgres' as const,
    url,
    applicationName: 'runledger',
    entities: [runViewTable, positionTable],
    migrations: [...MIGRATIONS],
    migrationsTableName: 'runledger_migration',
    installExtensions: false,
    logging: false,
    logger: silent,
    poolSize: POOL_SIZE,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolErrorHandler,
    extra: { query_timeout: SILENCE_MS_MAX, keepAlive: true },
  };
}

async function withinTime(url: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Postgres is still being started')), CONNECT_TIMEOUT_MS);
    timer.unref();
  });
  try {
    return await Promise.race([url, late]);
  } finally {
    clearTimeout(timer);
  }
}
