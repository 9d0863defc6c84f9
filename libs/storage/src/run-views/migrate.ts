/** Brings the tables up to date, one process at a time. */
import type { DataSource } from 'typeorm';
import { CreateRunViews1795219200000 } from './create-run-views-1795219200000.ts';
import { ViewError } from './view-error.ts';

export const MIGRATIONS = [CreateRunViews1795219200000] as const;

/** Any number that nobody else takes in this database. */
const LOCK = 7_301_442_001;

/** Throws `view/newer-version` if the tables are ahead of this code. */
export async function migrate(source: DataSource): Promise<void> {
  const guard = source.createQueryRunner();
  try {
    await guard.startTransaction();
    await guard.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await source.runMigrations({ transaction: 'all' });
    const known = MIGRATIONS.map((migration) => migration.name);
    const made = (await guard.query('SELECT name FROM runledger_migration')) as readonly { readonly name: string }[];
    const unknown = made.filter(({ name }) => !known.includes(name));
    if (unknown.length > 0) throw new ViewError('view/newer-version', `The views in Postgres were changed by a newer version of the platform (${unknown.map(({ name }) => name).join(', ')}). Start that version, or use another database: views are rebuilt from the event log.`);
    await guard.commitTransaction();
  } catch (error) {
    if (guard.isTransactionActive) await guard.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await guard.release();
  }
}
