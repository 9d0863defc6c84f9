/**
 * At most one process writes to a directory. The lock is SQLite's own exclusive file lock on a small
 * database of its own, held until the process closes it or ends: the kernel frees it at SIGKILL, so
 * that there is no stale lock to be cleaned up, and no process id that could have been given again.
 *
 * These are POSIX locks: a process loses them when it opens and closes the same files by other means,
 * for example to copy the directory. Copy it from another process.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogError } from '@runledger/event-sourcing';
import { isBusy, logErrorFrom } from './sqlite-errors.ts';

const LOCK_FILE = 'writer.lock';
/** Beside the lock, never inside it: closing any other handle of the lock's file would free the lock. */
const HOLDER_FILE = 'writer.pid';

/** Keeps the locks from the garbage collector, which would close and so free one whose log is not referred to any more. */
const held = new Set<DatabaseSync>();

export interface WriterLock {
  release(): void;
}

/** Throws `LogError` `log/locked` with the process id of the holder. */
export function lockForWriting(directory: string): WriterLock {
  const file = join(directory, LOCK_FILE);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeFileSync(join(directory, HOLDER_FILE), `${process.pid}\n`);
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw lockedError(directory, error);
    throw logErrorFrom(error, 'Locking the log for writing', { file });
  }
  const lock = database;
  held.add(lock);
  return { release: () => void (held.delete(lock), lock.close()) };
}

function lockedError(directory: string, cause: unknown): LogError {
  const holder = holderOf(directory);
  const who = holder === undefined ? 'another process' : `process ${holder}`;
  return new LogError('log/locked', `The log in ${directory} is open for writing in ${who}. Stop it first, or open the log with readOnly.`, { directory, ...(holder === undefined ? {} : { pid: holder }) }, { cause });
}

function holderOf(directory: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(directory, HOLDER_FILE), 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}
