/**
 * A real Postgres that the platform starts in its data directory and stops when it stops. It outlives a platform that
 * is killed; the next one in the same directory takes it over, or ends it if it does not answer. If it dies on its own
 * it is started again.
 */
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { findBinaries } from './binaries.ts';
import { clusterExists, clusterPaths, createCluster, readPassword, type ClusterPaths } from './cluster.ts';
import { lockDirectory, type DirectoryLock } from './directory-lock.ts';
import { chooseEndpoint, endpointOf, logIn, urlOf, type Endpoint } from './endpoint.ts';
import { chooseLauncher } from './launcher.ts';
import { OR_ELSEWHERE, PostgresServerError } from './postgres-server-error.ts';
import { isAlive, isPostmasterOf, readPostmasterFile, stopPostmaster } from './postmaster.ts';
import { startServerProcess, type ServerPlace } from './server-process.ts';
import { superviseServer } from './supervision.ts';

export interface EmbeddedPostgresOptions {
  /** Listen on this port of 127.0.0.1. Left out: on a socket in the directory, or on a free port if its path is too long for one. */
  readonly port?: number | undefined;
  /** Told in a sentence what was done. */
  readonly log: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** With the password in it; stays the same as long as this server is not stopped. */
  readonly url: string;
  /** Of the server's main process, now. */
  readonly pid: number;
  /** Ends the server fast: sessions are cut, everything is written. Twice is once. Throws `postgres/cannot-stop`. */
  stop(): Promise<void>;
}

/** Starts, or takes over, the Postgres in `directory`, which is made if it is missing. Throws `PostgresServerError`. */
export async function startEmbeddedPostgres(directory: string, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const asked = resolve(directory);
  let lock: DirectoryLock | undefined;
  try {
    // Folders above are made with the usual mode, so that another user can pass through them.
    await mkdir(dirname(asked), { recursive: true });
    await mkdir(asked, { mode: 0o700 }).catch(unlessThere);
    const paths = clusterPaths(await realpath(asked));
    lock = lockDirectory(paths.directory, paths.lock);
    return await start(paths, options, lock);
  } catch (error) {
    lock?.release();
    if (error instanceof PostgresServerError) throw error;
    const { message } = error as Error;
    throw new PostgresServerError('postgres/cannot-start', `Postgres could not be started in ${asked}: ${message}. ${OR_ELSEWHERE}`, { directory: asked }, { cause: error });
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function start(paths: ClusterPaths, options: EmbeddedPostgresOptions, lock: DirectoryLock): Promise<EmbeddedPostgres> {
  const { log, port } = options;
  const began = performance.now();
  const sinceMs = () => Math.round(performance.now() - began);
  const binaries = await findBinaries();
  const launcher = await chooseLauncher(paths.directory, binaries.postgres);
  if (!(await clusterExists(paths))) {
    await createCluster(paths, binaries, launcher);
    log(`Postgres: a new database in ${paths.directory} was made in ${sinceMs()} ms, as ${launcher.description}.`);
  }
  const password = await readPassword(paths);
  const survivor = await takeOver(paths, password, port, binaries.pgCtl, log);
  const endpoint = survivor?.endpoint ?? (await chooseEndpoint(paths.directory, port));
  const place: ServerPlace = { paths, binaries, launcher, endpoint };
  const pid = survivor?.pid ?? (await startServerProcess(place));
  if (survivor === undefined) {
    await confirm(place, password, pid);
    log(`Postgres: up after ${sinceMs()} ms, process ${pid}, as ${launcher.description}.`);
  }
  const supervised = superviseServer(place, pid, log);
  let stopped: Promise<void> | undefined;
  return {
    url: urlOf(endpoint, password),
    get pid() {
      return supervised.pid();
    },
    stop: () => (stopped ??= supervised.stop().finally(() => lock.release())),
  };
}

/** Proves that what answers is the server just started. */
async function confirm({ paths, binaries, endpoint }: ServerPlace, password: string, pid: number): Promise<void> {
  try {
    const served = await logIn(endpoint, password);
    if (served !== paths.data) throw new Error(`the server that answers there serves ${served}`);
  } catch (cause) {
    await stopPostmaster(pid, paths.data, binaries.pgCtl);
    throw new PostgresServerError('postgres/cannot-start', `Postgres in ${paths.directory} was started, but could not be logged in to: ${(cause as Error).message}. See ${paths.log}. ${OR_ELSEWHERE}`, { directory: paths.directory, log: paths.log }, { cause });
  }
}

/** The server that an earlier platform left behind, if it is of use; otherwise it is ended. */
async function takeOver(paths: ClusterPaths, password: string, port: number | undefined, pgCtl: string, log: (line: string) => void): Promise<{ readonly pid: number; readonly endpoint: Endpoint } | undefined> {
  const file = await readPostmasterFile(paths.data);
  if (file === undefined || !isAlive(file.pid)) return undefined;
  const { pid } = file;
  const endpoint = endpointOf(file);
  const answers = (await logIn(endpoint, password).catch(() => '')) === paths.data;
  const wanted = port === undefined || (endpoint.on === 'loopback' && endpoint.port === port);
  if (answers && wanted) {
    log(`Postgres: took over process ${pid}, which an earlier platform had left running in ${paths.directory}.`);
    return { pid, endpoint };
  }
  if (answers || (await isPostmasterOf(pid, paths.data))) {
    log(`Postgres: ending process ${pid}, which an earlier platform had left in ${paths.directory}, since it ${answers ? 'listens elsewhere' : 'does not answer'}.`);
    await stopPostmaster(pid, paths.data, pgCtl);
  }
  return undefined;
}
