/**
 * The tables of the database, and the few facts that are fixed when it is created. Each partition has a
 * table of its own, so that every append goes to the right-hand end of a tree and fills its pages.
 */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { LogError } from '@runledger/event-sourcing';

export const FORMAT = 1;
export const PARTITIONS_MAX = 256;

/** "RLOG": tells `file` and us that a database is a log. */
const APPLICATION_ID = 0x524c4f47;

const SCHEMA_FIXED: readonly string[] = [
  'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  'CREATE TABLE dead_letters (partition INTEGER NOT NULL, offset INTEGER NOT NULL, crc INTEGER NOT NULL, body TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (partition, offset)) STRICT, WITHOUT ROWID',
];

function schemaOf(partitions: number): string[] {
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  return [...SCHEMA_FIXED, ...numbers.flatMap((partition) => ['log', 'inbox'].map((kind) => `CREATE TABLE ${kind}_${partition} (offset INTEGER PRIMARY KEY, crc INTEGER NOT NULL, body TEXT NOT NULL) STRICT`))];
}

/** What was fixed at creation. */
export interface Layout {
  readonly partitions: number;
  readonly inboxId: string;
}

export function createSchema(database: DatabaseSync, partitions: number): void {
  database.exec('BEGIN IMMEDIATE');
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  for (const statement of schemaOf(partitions)) database.exec(statement);
  const facts = { format: FORMAT, partitions, 'inbox-id': randomUUID() };
  for (const [key, value] of Object.entries(facts)) writeMeta(database, key, String(value));
  for (let partition = 0; partition < partitions; partition += 1) writeMeta(database, inboxStartKey(partition), '0');
  database.exec('COMMIT');
}

/** Checks that the database has exactly the tables it was created with, and reads what was fixed then. */
export function readLayout(database: DatabaseSync, file: string): Layout {
  const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
  if (id !== APPLICATION_ID) throw corrupt(file, `its application id is ${String(id)}, that of a log is ${APPLICATION_ID}`);
  const format = Number(readMeta(database, 'format', file));
  if (format > FORMAT) throw new LogError('log/newer-version', `The log in ${file} has format ${format}; this version knows formats up to ${FORMAT}. Use the version that wrote it, or a newer one.`, { file, format });
  const partitions = Number(readMeta(database, 'partitions', file));
  const found = database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table'").all().map(({ sql }) => String(sql));
  const missing = schemaOf(partitions).filter((statement) => !found.includes(statement));
  if (missing.length > 0) throw corrupt(file, `these tables are missing or changed: ${missing.join('; ')}`);
  return { partitions, inboxId: readMeta(database, 'inbox-id', file) };
}

/** For an inbox that may have lost commands: a position in it would name others from now on. */
export function renewInboxId(database: DatabaseSync): string {
  const id = randomUUID();
  writeMeta(database, 'inbox-id', id);
  return id;
}

export function inboxStartKey(partition: number): string {
  return `inbox-start/${partition}`;
}

export function readMeta(database: DatabaseSync, key: string, file: string): string {
  const row = database.prepare('SELECT value, crc FROM meta WHERE key = ?').get(key);
  const value = row?.['value'];
  if (typeof value !== 'string' || row?.['crc'] !== metaSum(key, value)) throw corrupt(file, `the row "${key}" of its table meta is missing or damaged`);
  return value;
}

export function writeMeta(database: DatabaseSync, key: string, value: string): void {
  database.prepare('INSERT OR REPLACE INTO meta (key, value, crc) VALUES (?, ?, ?)').run(key, value, metaSum(key, value));
}

function metaSum(key: string, value: string): number {
  return crc32(`${key}=${value}`);
}

function corrupt(file: string, found: string): LogError {
  return new LogError('log/corrupt', `The database ${file} is damaged or is no log: ${found}. Keep a copy of the directory, and restore the log from a backup.`, { file });
}
