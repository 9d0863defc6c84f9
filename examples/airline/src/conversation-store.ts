/**
 * One database per conversation, kept in one SQLite file: the rows that a conversation changed lie over the shipped data,
 * and nothing of a conversation is held in memory. A tool that writes runs under the platform's key in one transaction:
 * the key, the output and the changed rows stand on the disk together, or none of them does.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { actions, invokeAction, type Outcome } from './actions/invoke.ts';
import { requireRecord, shippedData, type AirlineData } from './database/airline-data.ts';
import { databaseState, type DatabaseState } from './database/database-state.ts';
import { DatabaseView, type EditedRecord, type Overlay, type RecordKind } from './database/database-view.ts';
import { parseJson } from './python/json-parser.ts';
import { jsonText } from './python/json-text.ts';
import type { PythonDict } from './python/values.ts';

export interface ConversationsOptions {
  /** Default: the files in `data/`. */
  readonly data?: AirlineData;
  /** How long one process waits for another one's transaction. Default 10 s. */
  readonly busyTimeoutMs?: number;
}

/** What happened under one key. */
export interface EffectRow {
  readonly conversation: string;
  readonly key: string;
  readonly tool: string;
  /** How often the tool ran and was kept: 1, whatever happened. */
  readonly applied: number;
  /** How often the tool was called with this key. */
  readonly asked: number;
}

/** The caller should mint one key per effect: this one was used for another tool of the same conversation. */
export class KeyReusedError extends Error {
  override readonly name = 'KeyReusedError';
  readonly code = 'effect/key-reused';
}

const schema = `
  CREATE TABLE IF NOT EXISTS changed_record (
    conversation TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (conversation, kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS applied_effect (
    conversation TEXT NOT NULL, key TEXT NOT NULL, tool TEXT NOT NULL, output TEXT NOT NULL,
    applied INTEGER NOT NULL, asked INTEGER NOT NULL,
    PRIMARY KEY (conversation, key)
  ) STRICT, WITHOUT ROWID;
`;

const sql = {
  readRecord: 'SELECT record FROM changed_record WHERE conversation = ? AND kind = ? AND id = ?',
  readRecords: 'SELECT kind, id, record FROM changed_record WHERE conversation = ?',
  keepRecord: 'INSERT INTO changed_record VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record',
  askAgain: 'UPDATE applied_effect SET asked = asked + 1 WHERE conversation = ? AND key = ? RETURNING tool, output',
  // A key that is there was found by `askAgain`. Should it be applied again all the same, the count shows it.
  keepEffect: `INSERT INTO applied_effect VALUES (?, ?, ?, ?, 1, 1)
    ON CONFLICT DO UPDATE SET applied = applied + 1, asked = asked + 1, output = excluded.output`,
  effects: 'SELECT conversation, key, tool, applied, asked FROM applied_effect ORDER BY conversation, key',
};

type Statements = Readonly<Record<keyof typeof sql, StatementSync>>;

/** Opens `airline.db` in the directory, which is made if need be. Several processes and threads may have it open. */
export function openConversations(directory: string, options: ConversationsOptions = {}): Conversations {
  const { data = shippedData(), busyTimeoutMs = 10_000 } = options;
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, 'airline.db'), { timeout: busyTimeoutMs });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec(schema);
  return new Conversations(database, data);
}

export class Conversations {
  readonly #database: DatabaseSync;
  readonly #data: AirlineData;
  readonly #statements: Statements;

  /** Use `openConversations`. */
  constructor(database: DatabaseSync, data: AirlineData) {
    this.#database = database;
    this.#data = data;
    this.#statements = Object.fromEntries(Object.entries(sql).map(([name, text]) => [name, database.prepare(text)])) as Statements;
  }

  /**
   * Calls a tool. A tool that writes and was called with this key before returns what it returned then, and changes
   * nothing; without a key it runs each time. Other tools do not look at the key. When this returns, the change is on disk.
   */
  invoke(conversation: string, tool: string, argumentsText: string, key?: string): { output: string } {
    if (actions.get(tool)?.writes !== true) return { output: this.#run(conversation, tool, argumentsText).output };
    return this.#transaction(() => {
      const earlier = key === undefined ? undefined : this.#earlierOutput(conversation, tool, key);
      if (earlier !== undefined) return { output: earlier };
      const { output, edits } = this.#run(conversation, tool, argumentsText);
      for (const { kind, id, record } of edits) this.#statements.keepRecord.run(conversation, kind, id, jsonText(record));
      if (key !== undefined) this.#statements.keepEffect.run(conversation, key, tool, output);
      return { output };
    });
  }

  /** What the conversation has made of the database so far. */
  finalState(conversation: string): DatabaseState {
    const rows = this.#statements.readRecords.all(conversation) as unknown as readonly { kind: RecordKind; id: string; record: string }[];
    const edited = rows.map(({ kind, id, record }): EditedRecord => ({ kind, id, record: recordOf(record) }));
    return databaseState(this.#data, edited);
  }

  /** Of all conversations, ordered by conversation and key. */
  effects(): readonly EffectRow[] {
    return this.#statements.effects.all() as unknown as readonly EffectRow[];
  }

  close(): void {
    this.#database.close();
  }

  #run(conversation: string, tool: string, argumentsText: string): Outcome {
    const overlay: Overlay = {
      read: (kind, id) => {
        const row = this.#statements.readRecord.get(conversation, kind, id);
        return row && recordOf(String(row['record']));
      },
    };
    return invokeAction(new DatabaseView(this.#data, overlay), tool, argumentsText);
  }

  #earlierOutput(conversation: string, tool: string, key: string): string | undefined {
    const row = this.#statements.askAgain.get(conversation, key);
    if (row === undefined) return undefined;
    if (row['tool'] === tool) return String(row['output']);
    const found = `The key ${key} of ${conversation} belongs to a call of ${String(row['tool'])}, not of ${tool}.`;
    throw new KeyReusedError(`${found} Mint one key per effect.`);
  }

  /** Takes the write lock at the start, so that what it reads is what it changes. */
  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function recordOf(text: string): PythonDict {
  return requireRecord(parseJson(text), text);
}
