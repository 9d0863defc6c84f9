/** Hands many rows to Postgres at once, as one array per column, with as little work per row as can be. */
import type { RunView } from '@runledger/contracts';

/** Rows for one statement; more are written in several, within the same transaction. */
export const BULK_ROWS_MAX = 1_000;

/**
 * Older versions of a run lose against newer ones, within the rows as well as against those in the table.
 * `$1` is the partition. The views come as one JSON text, made in one go by the engine; as an array of texts each
 * would have to be escaped a second time, which cost more than all the rest.
 */
export const UPSERT = `
INSERT INTO run_view AS old (partition, tenant, id, agent_name, agent_version, status, started_at, updated_at, ended_at, sequence, view)
SELECT $1::integer, tenant, id, agent_name, agent_version, status, started_at, updated_at, ended_at, sequence, view
FROM ROWS FROM (
  unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::bigint[]),
  json_array_elements($11::json)
) AS new (tenant, id, agent_name, agent_version, status, started_at, updated_at, ended_at, sequence, view)
ON CONFLICT (tenant, id) DO UPDATE SET
  partition = excluded.partition, agent_name = excluded.agent_name, agent_version = excluded.agent_version, status = excluded.status,
  started_at = excluded.started_at, updated_at = excluded.updated_at, ended_at = excluded.ended_at, sequence = excluded.sequence, view = excluded.view
WHERE excluded.sequence > old.sequence`;

/** The parameters of `UPSERT`. Every run stands in `views` at most once. */
export function upsertParameters(partition: number, views: readonly RunView[]): readonly unknown[] {
  // In the order of the primary key neighbours share pages; in any other one each row seeks its own.
  const rows = views.toSorted(byTenantAndId);
  return [
    partition,
    arrayOf(rows.map((view) => view.tenant)),
    arrayOf(rows.map((view) => view.id)),
    arrayOf(rows.map((view) => view.agent.name)),
    arrayOf(rows.map((view) => view.agent.version)),
    arrayOf(rows.map((view) => view.status)),
    arrayOf(rows.map((view) => view.startedAt)),
    arrayOf(rows.map((view) => view.updatedAt)),
    arrayOf(rows.map((view) => view.endedAt ?? null)),
    arrayOf(rows.map((view) => view.sequence)),
    JSON.stringify(rows),
  ];
}

function byTenantAndId(one: RunView, other: RunView): number {
  if (one.tenant !== other.tenant) return one.tenant < other.tenant ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** Only the newest version of each run. Almost always that is `views` itself. */
export function newestOf(views: readonly RunView[]): readonly RunView[] {
  const ids = new Set<string>();
  for (const view of views) ids.add(view.id);
  if (ids.size === views.length) return views;
  const newest = new Map<string, RunView>();
  for (const view of views) {
    const key = `${view.tenant} ${view.id}`;
    const other = newest.get(key);
    if (other === undefined || view.sequence > other.sequence) newest.set(key, view);
  }
  return [...newest.values()];
}

/**
 * A Postgres array, written by the engine's own JSON encoder: quotes and backslashes are escaped alike, and null is
 * null. JSON's other escapes lose their backslash (a NUL, which text cannot hold, becomes `u0000`); of the columns
 * only `agent_version` could have any, and what clients see is in `view`.
 */
function arrayOf(values: readonly (string | number | null)[]): string {
  return `{${JSON.stringify(values).slice(1, -1)}}`;
}
