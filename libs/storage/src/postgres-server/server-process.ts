/** Starts one server process and waits until it takes connections. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresBinaries } from './binaries.ts';
import type { ClusterPaths } from './cluster.ts';
import { LOOPBACK, SOCKET_NAME, SOCKET_PORT, type Endpoint } from './endpoint.ts';
import type { Launcher } from './launcher.ts';
import { OR_ELSEWHERE, PostgresServerError, REBUILDABLE } from './postgres-server-error.ts';
import { forgetLastServer, readPostmasterFile, stopPostmaster } from './postmaster.ts';
import { identity, plainEnvironment } from './run-program.ts';

/** Recovery after a crash may take its time; more than this is a fault. */
const READY_WITHIN_MS = 60_000;
const POLL_MS = 5;
const ATTEMPTS_MAX = 20;
const RETRY_MS = 250;
const LOG_BYTES_MAX = 5_000_000;
const LOG_TAIL_BYTES = 2_000;

/**
 * Small, and careful where it matters: a view that was committed may be lost with the machine, since it is rebuilt
 * from the log with its position, but the files must never be damaged by that.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '32MB',
  max_connections: '20',
  synchronous_commit: 'off',
  fsync: 'on',
  full_page_writes: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  max_worker_processes: '2',
  max_logical_replication_workers: '0',
  max_parallel_workers: '0',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '1',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  // Statements and their values are tenants' data, and stay out of the log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  unix_socket_permissions: '0700',
};

export interface ServerPlace {
  readonly paths: ClusterPaths;
  readonly binaries: PostgresBinaries;
  readonly launcher: Launcher;
  readonly endpoint: Endpoint;
}

/** Resolves with its process id. Throws `postgres/cannot-start` with the end of its log. */
export async function startServerProcess(place: ServerPlace): Promise<number> {
  await rotateLog(place.paths.log);
  await forgetLastServer(place.paths.data, [join(place.paths.data, 'postmaster.pid'), join(place.paths.directory, `${SOCKET_NAME}.lock`)]);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(place);
    } catch (error) {
      // The sessions of a server that was killed end by themselves, but not at once.
      if (attempt === ATTEMPTS_MAX || !(error as Error).message.includes('shared memory block')) throw error;
      await sleep(RETRY_MS);
    }
  }
}

async function startOnce({ paths, binaries, launcher, endpoint }: ServerPlace): Promise<number> {
  const log = await open(paths.log, 'a', 0o600);
  try {
    const from = (await log.stat()).size;
    const { command, args } = launcher.command(binaries.postgres, serverArguments(paths.data, endpoint));
    // A session of its own: Ctrl-C in the terminal is for the platform, which stops its server last.
    const child = spawn(command, args, { detached: true, windowsHide: true, cwd: paths.directory, stdio: ['ignore', log.fd, log.fd], env: plainEnvironment(), ...identity(launcher.uid, launcher.gid) });
    child.unref();
    let ended: string | undefined;
    child.once('exit', (code, signal) => (ended = `ended with ${signal ?? code}`));
    child.once('error', (error) => (ended = error.message));
    if (child.pid === undefined) await once(child, 'error').catch(() => undefined);
    const pid = child.pid ?? 0;
    const deadline = performance.now() + READY_WITHIN_MS;
    while (ended === undefined && performance.now() < deadline) {
      const file = await readPostmasterFile(paths.data);
      if (file?.pid === pid && file.ready) return pid;
      await sleep(POLL_MS);
    }
    if (ended === undefined) await stopPostmaster(pid, paths.data, binaries.pgCtl);
    throw new PostgresServerError('postgres/cannot-start', `Postgres in ${paths.directory}, run as ${launcher.description}, ${ended ?? `was not ready within ${READY_WITHIN_MS / 1000} s`}. Its log ${paths.log} says: ${await tail(paths.log, from)} If its data are damaged, remove ${paths.data} and start again. ${REBUILDABLE} ${OR_ELSEWHERE}`, { directory: paths.directory, log: paths.log });
  } finally {
    await log.close();
  }
}

function serverArguments(data: string, endpoint: Endpoint): readonly string[] {
  const settings = {
    ...SETTINGS,
    listen_addresses: endpoint.on === 'loopback' ? LOOPBACK : '',
    port: String(endpoint.on === 'loopback' ? endpoint.port : SOCKET_PORT),
    // A list, in which a name with commas or spaces is quoted.
    unix_socket_directories: endpoint.on === 'socket' ? `"${endpoint.directory.replaceAll('"', '""')}"` : '',
  };
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function rotateLog(path: string): Promise<void> {
  const size = await stat(path).then((found) => found.size, () => 0);
  if (size > LOG_BYTES_MAX) await rename(path, `${path}.1`);
}

async function tail(path: string, from: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - start)), 0, null, start);
    const said = buffer.toString('utf8', 0, bytesRead).trim();
    return said === '' ? '(nothing)' : `«${said}»`;
  } finally {
    await file.close();
  }
}
