/**
 * One process at a time may run a server in a directory: a second one would take the first one's living server
 * for a survivor, and stop it. The lock is SQLite's lock on an empty file, since the kernel drops it when its
 * process dies, however it dies.
 */
import { DatabaseSync } from 'node:sqlite';
import { PostgresServerError } from './postgres-server-error.ts';

export interface DirectoryLock {
  release(): void;
}

/** Throws `postgres/in-use` if another process, or another server in this one, has it. */
export function lockDirectory(directory: string, file: string): DirectoryLock {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new PostgresServerError('postgres/in-use', `Another process runs the Postgres in ${directory}. Stop that one, or give this one a data directory of its own.`, { directory }, { cause });
  }
  return { release: () => database.close() };
}
