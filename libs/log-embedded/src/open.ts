/** Opens the log of a directory: takes the lock, looks for damage and loss, and only then lets anything be written. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogError, type Inbox, type Log } from '@runledger/event-sourcing';
import { EmbeddedInbox } from './embedded-inbox.ts';
import { EmbeddedLog } from './embedded-log.ts';
import { HeadsFile } from './heads.ts';
import { inspect, type Inspection } from './inspect.ts';
import { createSchema, PARTITIONS_MAX, readLayout, renewInboxId, type Layout } from './schema.ts';
import { logErrorFrom } from './sqlite-errors.ts';
import { PAGE_BYTES, Store, type StoreStats } from './store.ts';
import { lockForWriting, type WriterLock } from './writer-lock.ts';

export interface EmbeddedLogOptions {
  /** Fixed when the log is created, and needed then. Later it may be left out. */
  readonly partitions?: number;
  readonly recordBytesMax?: number;
  /** For another process beside the writer, or for looking at a damaged log. */
  readonly readOnly?: boolean;
  /** Goes on with a log that has lost acknowledged records. They are gone: rebuild every reader. The inbox gets a new id. */
  readonly acceptLoss?: boolean;
  /** The database grows no further than this; then appends fail with `log/full`. */
  readonly databaseBytesMax?: number;
  /** How long the WAL gets before it is copied into the database. */
  readonly checkpointPages?: number;
  /** How often a process that only reads looks for new records. */
  readonly pollMs?: number;
  /** Called once when the log stops taking records: after a failed write or sync, or on a full disk. */
  readonly onStopped?: (error: LogError) => void;
}

export interface OpenedLog {
  readonly log: Log;
  readonly inbox: Inbox;
  /** Why the log could not be opened for writing. Only with `readOnly` can there be any. */
  readonly findings: readonly LogError[];
  stats(): StoreStats;
  close(): Promise<void>;
}

const DATABASE_FILE = 'log.db';
const HEADS_FILE = 'log.heads';
const RECORD_BYTES_MAX = 1024 * 1024;
/** 16 MiB: less costs throughput, more makes the pause longer. */
const CHECKPOINT_PAGES = 1_000;
const POLL_MS = 20;
/** How long a statement waits for another program that has locked the database. */
const BUSY_TIMEOUT_MS = 1_000;

/** Throws `LogError`: `log/locked`, `log/truncated`, `log/corrupt`, `log/newer-version`, `log/misuse`, `log/unavailable`. */
export function openEmbeddedLog(directory: string, options: EmbeddedLogOptions = {}): OpenedLog {
  const { partitions } = options;
  if (partitions !== undefined && !(Number.isInteger(partitions) && partitions >= 1 && partitions <= PARTITIONS_MAX)) throw new LogError('log/misuse', `A log was asked for with ${partitions} partitions; it has 1 to ${PARTITIONS_MAX}.`, { directory });
  return options.readOnly === true ? openForReading(directory, options) : openForWriting(directory, options);
}

function openForReading(directory: string, options: EmbeddedLogOptions): OpenedLog {
  const file = join(directory, DATABASE_FILE);
  const inspection = inspect(file, join(directory, HEADS_FILE), BUSY_TIMEOUT_MS);
  if (inspection === 'absent') throw new LogError('log/misuse', `There is no log in ${directory} to be read.`, { directory });
  checkPartitions(directory, inspection.layout, options);
  let database: DatabaseSync | undefined;
  try {
    database = openDatabase(file, true);
    return assemble(database, inspection, options, file, undefined);
  } catch (error) {
    database?.close();
    throw logErrorFrom(error, 'Opening the log for reading', { file });
  }
}

function openForWriting(directory: string, options: EmbeddedLogOptions): OpenedLog {
  const file = join(directory, DATABASE_FILE);
  createDirectory(directory);
  const lock = lockForWriting(directory);
  let database: DatabaseSync | undefined;
  // While it is open, a failure on the way can close the writable connection without losing the WAL.
  let guard: DatabaseSync | undefined;
  try {
    const heads = join(directory, HEADS_FILE);
    const found = inspect(file, heads, BUSY_TIMEOUT_MS);
    if (found === 'absent') create(file, directory, options);
    const inspection = found === 'absent' ? inspect(file, heads, BUSY_TIMEOUT_MS) : found;
    if (inspection === 'absent') throw new LogError('log/unavailable', `The log in ${directory} was created, but is not there.`, { directory });
    checkPartitions(directory, inspection.layout, options);
    const [finding] = inspection.findings.filter((error) => options.acceptLoss !== true || !(error.code === 'log/truncated' || error.where['file'] === heads));
    if (finding !== undefined) throw finding;
    guard = openDatabase(file, true);
    readLayout(guard, file);
    database = openDatabase(file, false);
    configure(database, options.databaseBytesMax);
    const inboxId = inspection.findings.length > 0 ? renewInboxId(database) : inspection.layout.inboxId;
    const opened = assemble(database, { layout: { ...inspection.layout, inboxId }, findings: [] }, options, file, { heads, lock });
    syncDirectory(directory);
    guard.close();
    return opened;
  } catch (error) {
    database?.close();
    guard?.close();
    lock.release();
    throw logErrorFrom(error, 'Opening the log for writing', { file });
  }
}

function assemble(database: DatabaseSync, { layout, findings }: Inspection, options: EmbeddedLogOptions, file: string, writing: { heads: string; lock: WriterLock } | undefined): OpenedLog {
  const { recordBytesMax = RECORD_BYTES_MAX, checkpointPages = CHECKPOINT_PAGES, pollMs = POLL_MS, onStopped = () => undefined } = options;
  const storeOptions = { file, readOnly: writing === undefined, checkpointPages, onStopped };
  const store = new Store(database, layout, storeOptions);
  let heads: HeadsFile | undefined;
  let open = 2;
  const closing = (): void => {
    open -= 1;
    if (open > 0) return;
    closeDatabase(store, file);
    heads?.close();
    writing?.lock.release();
  };
  const log = new EmbeddedLog(store, recordBytesMax, pollMs, closing);
  const inbox = new EmbeddedInbox(store, recordBytesMax, pollMs, closing);
  if (writing !== undefined) store.keepHeads((heads = new HeadsFile(writing.heads, store.ends())));
  return { log, inbox, findings, stats: () => store.stats, close: async () => void (await inbox.close(), await log.close()) };
}

/** The last connection to close copies the WAL and deletes it. After a failure the WAL stays for the next process to look at. */
function closeDatabase(store: Store, file: string): void {
  let guard: DatabaseSync | undefined;
  try {
    if (store.stopped) readLayout((guard = openDatabase(file, true)), file);
  } catch {
    // Without the guard SQLite tries the copy, and keeps the WAL if that fails.
  }
  store.database.close();
  guard?.close();
}

function openDatabase(file: string, readOnly: boolean): DatabaseSync {
  return new DatabaseSync(file, { readOnly, timeout: BUSY_TIMEOUT_MS });
}

function configure(database: DatabaseSync, databaseBytesMax: number | undefined): void {
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (mode !== 'wal') throw new LogError('log/unavailable', `SQLite cannot keep a WAL here: its journal mode is ${String(mode)}. Put the data directory on a local disk.`);
  // Our own checkpoints replace the automatic ones, which do not say when they fail.
  database.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cell_size_check = ON');
  if (databaseBytesMax !== undefined) database.exec(`PRAGMA max_page_count = ${Math.ceil(databaseBytesMax / PAGE_BYTES)}`);
}

/** Creates the database under another name first, so that a log is there whole or not at all. */
function create(file: string, directory: string, { partitions }: EmbeddedLogOptions): void {
  if (partitions === undefined) throw new LogError('log/misuse', `There is no log in ${directory} yet. To create one, say how many partitions it shall have.`, { directory });
  const draft = `${file}.creating`;
  for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(draft + ending, { force: true });
  const database = openDatabase(draft, false);
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    configure(database, undefined);
    createSchema(database, partitions);
  } finally {
    // The last connection to close copies the WAL into the database and syncs it.
    database.close();
  }
  if (existsSync(`${draft}-wal`)) throw new LogError('log/unavailable', `The new database ${draft} could not be written whole. Check the disk.`, { file: draft });
  renameSync(draft, file);
  syncDirectory(directory);
}

function checkPartitions(directory: string, { partitions }: Layout, options: EmbeddedLogOptions): void {
  if (options.partitions === undefined || options.partitions === partitions) return;
  throw new LogError('log/misuse', `The log in ${directory} was created with ${partitions} partitions, and ${options.partitions} were asked for. The number is fixed at creation: ask for ${partitions}, or leave it out.`, { directory, partitions });
}

/** Creates the directory so that its own entry survives a crash too. */
function createDirectory(directory: string): void {
  try {
    const first = mkdirSync(directory, { recursive: true });
    if (first === undefined) return;
    for (let at = resolve(directory); at.length >= resolve(first).length; at = dirname(at)) syncDirectory(dirname(at));
  } catch (error) {
    throw logErrorFrom(error, 'Creating the directory of the log', { directory });
  }
}

function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
