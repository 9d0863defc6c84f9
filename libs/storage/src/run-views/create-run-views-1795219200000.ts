/**
 * The first tables. The isolation of tenants is the database's own: who reads, reads as `runledger_reader`, to whom
 * only the rows of the tenant named by `runledger.tenant` exist, whatever the query says, and none without a name.
 * Row-level security binds neither superusers nor (unless forced) owners, so that nobody reads as either.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export const READER = 'runledger_reader';
export const PROJECTOR = 'runledger_projector';

/**
 * Roles belong to the whole server, where they may be there already, or be made at this moment beside another
 * database. Whoever runs this may become either role, but (where Postgres can tell, from 16 on) does not have their
 * rights without becoming one.
 */
const createRole = (role: string) => `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
    BEGIN
      CREATE ROLE ${role} NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF current_setting('server_version_num')::integer >= 160000 THEN
    IF NOT pg_has_role(current_user, '${role}', 'SET') THEN
      EXECUTE 'GRANT ${role} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
    END IF;
  ELSIF NOT pg_has_role(current_user, '${role}', 'MEMBER') THEN
    EXECUTE 'GRANT ${role} TO CURRENT_USER';
  END IF;
END $$`;

/**
 * `view` is json, not jsonb: it is given back as it was, also with characters that jsonb refuses (\u0000 in a
 * message of a tool would stop the projection for ever), and costs less to write. Pages keep some room, so that a row
 * whose indexed columns stay as they were is replaced within its page, and no index is touched.
 */
const UP: readonly string[] = [
  createRole(READER),
  createRole(PROJECTOR),
  `CREATE TABLE run_view (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    agent_name text COLLATE "C" NOT NULL,
    agent_version text NOT NULL,
    status text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz,
    sequence bigint NOT NULL,
    view json NOT NULL,
    CONSTRAINT run_view_pkey PRIMARY KEY (tenant, id)
  ) WITH (fillfactor = 85)`,
  'CREATE INDEX run_view_newest ON run_view (tenant, started_at DESC, id DESC)',
  'CREATE INDEX run_view_newest_by_status ON run_view (tenant, status, started_at DESC, id DESC)',
  'CREATE INDEX run_view_newest_by_agent ON run_view (tenant, agent_name, started_at DESC, id DESC)',
  `CREATE TABLE projection_position (
    projection text NOT NULL,
    partition integer NOT NULL,
    position jsonb NOT NULL,
    "offset" bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT projection_position_pkey PRIMARY KEY (projection, partition)
  )`,
  'ALTER TABLE run_view ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE run_view FORCE ROW LEVEL SECURITY',
  `CREATE POLICY run_view_of_tenant ON run_view FOR SELECT TO ${READER} USING (tenant = current_setting('runledger.tenant', true))`,
  `CREATE POLICY run_view_of_all ON run_view TO ${PROJECTOR} USING (true) WITH CHECK (true)`,
  `GRANT SELECT ON run_view TO ${READER}`,
  `GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON run_view, projection_position TO ${PROJECTOR}`,
  `DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${READER}, ${PROJECTOR}', current_schema()); END $$`,
];

export class CreateRunViews1795219200000 implements MigrationInterface {
  readonly name = 'CreateRunViews1795219200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  /** The roles stay: other databases of the server may use them. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE run_view');
    await runner.query('DROP TABLE projection_position');
  }
}
