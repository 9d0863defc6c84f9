import { BEGINNING } from '@runledger/event-sourcing';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { positionAt, runNumber } from '../testing/run-view-samples.ts';
import { scratchPostgres, type Scratch } from '../testing/scratch-postgres.ts';
import { openRunViews } from './run-views.ts';
import { positionTable, runViewTable } from './tables.ts';

let scratch: Scratch;
let superuserUrl: string;
let ownerUrl: string;

beforeAll(async () => {
  scratch = await scratchPostgres();
  superuserUrl = (await scratch.start(scratch.path('postgres'))).url;
  await ask(superuserUrl, "CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'secret'");
  await ask(superuserUrl, 'CREATE DATABASE owned OWNER owner');
  ownerUrl = superuserUrl.replace(/\/\/[^@]*@/, '//owner:secret@').replace('/postgres?', '/owned?');
  for (const url of [ownerUrl, superuserUrl]) {
    const views = openRunViews({ url });
    await views.advance(0, BEGINNING, positionAt(1), [runNumber(1, { tenant: 'acme' }), runNumber(2, { tenant: 'globex' })]);
    await views.close();
  }
});
afterAll(() => scratch.end());

async function ask(url: string, ...statements: string[]): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: readonly Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

describe.each([
  ['a superuser', () => superuserUrl],
  ['an ordinary user who owns the tables', () => ownerUrl],
])('with the views opened by %s', (_, url) => {
  const reading = (tenant: string) => ['BEGIN', 'SET LOCAL ROLE runledger_reader', `SET LOCAL runledger.tenant = '${tenant}'`];

  test('a query that forgets the tenant meets one tenant all the same', async () => {
    expect(await ask(url(), ...reading('acme'), 'SELECT tenant FROM run_view')).toEqual([{ tenant: 'acme' }]);
  });

  test('a query for another tenant meets nothing', async () => {
    expect(await ask(url(), ...reading('acme'), "SELECT tenant FROM run_view WHERE tenant = 'globex'")).toEqual([]);
  });

  test('without a tenant there are no rows', async () => {
    expect(await ask(url(), 'BEGIN', 'SET LOCAL ROLE runledger_reader', 'SELECT tenant FROM run_view')).toEqual([]);
  });

  test('a tenant does not outlive its transaction', async () => {
    expect(await ask(url(), ...reading('acme'), 'COMMIT', 'BEGIN', 'SET LOCAL ROLE runledger_reader', 'SELECT tenant FROM run_view')).toEqual([]);
  });

  test('a reader writes nothing, and does not see positions', async () => {
    for (const statement of ["UPDATE run_view SET tenant = 'acme'", 'DELETE FROM run_view', 'SELECT * FROM projection_position']) {
      await expect(ask(url(), ...reading('acme'), statement)).rejects.toThrow('permission denied');
    }
  });

  test('the projector meets all', async () => {
    expect(await ask(url(), 'BEGIN', 'SET LOCAL ROLE runledger_projector', 'SELECT tenant FROM run_view ORDER BY tenant')).toEqual([{ tenant: 'acme' }, { tenant: 'globex' }]);
  });
});

test('an owner who is nobody in particular meets nothing', async () => {
  expect(await ask(ownerUrl, 'SELECT tenant FROM run_view')).toEqual([]);
});

test('a user who may not become a reader is told what is missing', async () => {
  await ask(superuserUrl, "CREATE ROLE stranger LOGIN PASSWORD 'secret'", 'CREATE DATABASE strange OWNER stranger');
  const views = openRunViews({ url: ownerUrl.replace('owner:', 'stranger:').replace('/owned?', '/strange?') });
  await expect(views.opened()).rejects.toEqual(expect.objectContaining({ code: 'view/refused', message: expect.stringContaining('runledger_reader') }));
  await views.close();
});

test('tables of a newer platform are left alone', async () => {
  await ask(superuserUrl, 'CREATE DATABASE newer');
  const url = superuserUrl.replace('/postgres?', '/newer?');
  const views = openRunViews({ url });
  await views.opened();
  await views.close();
  await ask(url, "INSERT INTO runledger_migration (timestamp, name) VALUES (9999999999999, 'ChangeEverything9999999999999')");
  const older = openRunViews({ url });
  await expect(older.opened()).rejects.toEqual(expect.objectContaining({ code: 'view/newer-version' }));
  expect(older.ready()).toBe(false);
  await older.close();
});

test('several processes may open new views at once', async () => {
  await ask(superuserUrl, 'CREATE DATABASE crowded');
  const opened = [1, 2, 3].map(() => openRunViews({ url: superuserUrl.replace('/postgres?', '/crowded?') }));
  await Promise.all(opened.map((views) => views.opened()));
  for (const views of opened) await views.close();
});

test('the tables are what TypeORM is told they are', async () => {
  const source = await new DataSource({ type: 'postgres', url: superuserUrl, entities: [runViewTable, positionTable] }).initialize();
  try {
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  } finally {
    await source.destroy();
  }
});
