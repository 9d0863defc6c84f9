/**
 * The data directory of the embedded Postgres, and what lies beside it: `data/` (what initdb made), `password`
 * (readable by its owner only), `postgres.log`, `lock`, and the socket.
 */
import { randomBytes } from 'node:crypto';
import { lchown, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { POSTGRES_MAJOR } from './binaries.ts';
import type { Launcher } from './launcher.ts';
import { OR_ELSEWHERE, PostgresServerError, REBUILDABLE } from './postgres-server-error.ts';
import { identity, plainEnvironment, runProgram } from './run-program.ts';

export const SUPERUSER = 'runledger';

const INITDB_TIMEOUT_MS = 120_000;
const STAGING = 'data.making-';

export interface ClusterPaths {
  readonly directory: string;
  readonly data: string;
  readonly password: string;
  readonly log: string;
  readonly lock: string;
}

export function clusterPaths(directory: string): ClusterPaths {
  const at = (name: string) => join(directory, name);
  return { directory, data: at('data'), password: at('password'), log: at('postgres.log'), lock: at('lock') };
}

/**
 * Whether a cluster is there. Throws `postgres/foreign-directory` or `postgres/wrong-version` for one that these
 * binaries must not touch.
 */
export async function clusterExists(paths: ClusterPaths): Promise<boolean> {
  const { directory, data } = paths;
  if ((await entriesOf(directory)).includes('PG_VERSION')) throw foreign(directory, 'is itself the data directory of a Postgres');
  const entries = await entriesOf(data);
  if (entries.length === 0) return false;
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '');
  if (version === '') throw foreign(data, 'is not empty, and not the data directory of a Postgres');
  if (Number(version) !== POSTGRES_MAJOR) throw new PostgresServerError('postgres/wrong-version', `${data} was made by Postgres ${version.trim()}, but this is Postgres ${POSTGRES_MAJOR}. ${REBUILDABLE} Remove or rename ${directory} and start again. ${OR_ELSEWHERE}`, { directory, found: version.trim(), expected: POSTGRES_MAJOR });
  return true;
}

function foreign(path: string, what: string): PostgresServerError {
  return new PostgresServerError('postgres/foreign-directory', `${path} ${what}. Expected an empty directory, or one made by the platform. Choose another data directory. ${OR_ELSEWHERE}`, { directory: path });
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw foreign(directory, 'is a file');
    throw error;
  });
}

/** The password of the superuser; made at the first start. */
export async function readPassword(paths: ClusterPaths): Promise<string> {
  const password = await readFile(paths.password, 'utf8').catch(() => '');
  if (password === '') throw foreign(paths.directory, `lacks the file ${paths.password}, without which nobody can log in. ${REBUILDABLE} Remove or rename the directory and start again; otherwise it`);
  return password.trim();
}

/** Runs initdb aside and moves the result into place, so that an interrupted start leaves nothing half made. */
export async function createCluster(paths: ClusterPaths, binaries: PostgresBinaries, launcher: Launcher): Promise<void> {
  const { directory, data } = paths;
  const leftOver = (await entriesOf(directory)).filter((name) => name.startsWith(STAGING));
  for (const name of leftOver) await rm(join(directory, name), { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  const staging = join(directory, STAGING + randomBytes(4).toString('hex'));
  const passwordForInitdb = `${staging}.password`;
  await writeFile(paths.password, password, { mode: 0o600 });
  await writeFile(passwordForInitdb, password, { mode: 0o600 });
  if (launcher.owner !== undefined) await lchown(passwordForInitdb, launcher.owner.uid, launcher.owner.gid);
  try {
    const { command, args } = launcher.command(binaries.initdb, initdbArguments(staging, passwordForInitdb));
    const { code, said } = await runProgram(command, args, { timeoutMs: INITDB_TIMEOUT_MS, env: plainEnvironment(), ...identity(launcher.uid, launcher.gid) });
    if (code !== 0) throw new PostgresServerError('postgres/cannot-start', `initdb could not make a database in ${directory} as ${launcher.description}: ${said === '' ? 'it was ended' : said}. ${OR_ELSEWHERE}`, { directory });
    await rm(data, { recursive: true, force: true });
    await rename(staging, data);
  } finally {
    await rm(passwordForInitdb, { force: true });
    await rm(staging, { recursive: true, force: true });
  }
}

function initdbArguments(data: string, passwordFile: string): readonly string[] {
  return ['-D', data, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--wal-segsize=4'];
}
