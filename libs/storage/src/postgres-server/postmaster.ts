/** Living Postgres servers: whose they are, and how they are ended. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PostgresServerError } from './postgres-server-error.ts';

const POLL_MS = 10;
const FAST_STOP_MS = 15_000;
const IMMEDIATE_STOP_MS = 5_000;
const KILL_MS = 5_000;
const STOPS = [['INT', FAST_STOP_MS], ['QUIT', IMMEDIATE_STOP_MS], ['KILL', KILL_MS]] as const;

/** What a server writes about itself into its data directory. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** Empty if it listens on no socket. */
  readonly socketDirectory: string;
  readonly ready: boolean;
}

export async function readPostmasterFile(data: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, socketDirectory, , , status] = text.split('\n');
  if (!pid || !Number.isInteger(Number(pid))) return undefined;
  return { pid: Number(pid), port: Number(port), socketDirectory: socketDirectory ?? '', ready: status?.trim() === 'ready' };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether the process is a server of this very data directory. A pid in a file may long belong to somebody else,
 * above all in containers, where pids are few. Servers are always started with `-D <data>`, which everybody may read.
 */
export async function isPostmasterOf(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux') return isServing(commandLineOf(pid), data);
  if (process.platform === 'win32') return false;
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return /postgres(\.exe)? /.test(stdout) && stdout.includes(` -D ${data} `);
}

function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function isServing(commandLine: readonly string[], data: string): boolean {
  const at = commandLine.indexOf('-D');
  return /(^|\/)postgres$/.test(commandLine[0] ?? '') && at > 0 && commandLine[at + 1] === data;
}

/**
 * Readies a directory for a new server whose last one was killed, where the number of that one is taken: by another
 * program, or by the zombie that it left. Postgres could not tell, and would refuse to start. It overlooks the number
 * of its own parent; the rest of `postmaster.pid` stays, by which it notices sessions of the last one that are still
 * ending. `lockFiles` begin with the number.
 */
export async function forgetLastServer(data: string, lockFiles: readonly string[]): Promise<void> {
  if (process.platform === 'win32') return;
  for (const path of lockFiles) {
    const text = await readFile(path, 'utf8').catch(() => '');
    const pid = Number.parseInt(text, 10);
    if (pid > 0 && isAlive(pid) && !(await isPostmasterOf(pid, data))) await writeFile(path, text.replace(/^\d+/, String(process.pid)));
  }
}

/**
 * Ends a server: first fast (sessions are cut, everything is written), then at once (it recovers at its next start),
 * then by force, since it may be frozen. Throws `postgres/cannot-stop`. Nothing is sent to a process that is not a
 * server of `data`.
 */
export async function stopPostmaster(pid: number, data: string, pgCtl: string): Promise<void> {
  for (const [signal, patienceMs] of STOPS) {
    if (!(await isPostmasterOf(pid, data)) && process.platform !== 'win32') return;
    await send(signal, pid, pgCtl);
    if (await isGoneWithin(pid, patienceMs)) return;
  }
  throw new PostgresServerError('postgres/cannot-stop', `The Postgres in ${data} (process ${pid}) did not end within ${STOPS.reduce((sum, [, ms]) => sum + ms, 0) / 1000} s, not even by force. Look at what it waits for (a hanging disk?).`, { directory: data, pid });
}

async function send(signal: (typeof STOPS)[number][0], pid: number, pgCtl: string): Promise<void> {
  try {
    // Windows knows no signals; pg_ctl brings its own.
    if (process.platform === 'win32') await promisify(execFile)(pgCtl, ['kill', signal, String(pid)]);
    else process.kill(pid, `SIG${signal}`);
  } catch {
    // Gone in this very moment, which the caller is about to see.
  }
}

async function isGoneWithin(pid: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    if (!isAlive(pid) || isZombie(pid)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** It has ended, but whoever adopted it has not noticed; in a container perhaps never will. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return true;
  }
}
