/** Changes one character in a row of the views, as a hand at the database would. */
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '@runledger/storage';

export async function changeRow(data: string): Promise<string> {
  const server = await startEmbeddedPostgres(join(data, 'postgres'), { log: () => undefined });
  const client = new Client({ connectionString: server.url });
  try {
    await client.connect();
    const { rows } = await client.query<{ id: string }>('SELECT id FROM run_view ORDER BY id LIMIT 1');
    const id = rows[0]?.id ?? '';
    await client.query(`UPDATE run_view SET view = jsonb_set(view::jsonb, '{steps}', to_jsonb((view->>'steps')::int + 1))::json WHERE id = $1`, [id]);
    return id;
  } finally {
    await client.end();
    await server.stop();
  }
}
