/**
 * Looks at a log before anything is written to it. The connection is a read-only one: closing a
 * writable one would copy the WAL into the database and delete it, and with it the evidence.
 */
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { LogError } from '@runledger/event-sourcing';
import { countDeadLetters } from './dead-letters.ts';
import { readHeads, type Ends } from './heads.ts';
import { RecordTable, type Kind } from './record-table.ts';
import { readLayout, type Layout } from './schema.ts';
import { logErrorFrom } from './sqlite-errors.ts';

export interface Inspection {
  readonly layout: Layout;
  /** Reasons not to write to this log. What can be read may still be read. */
  readonly findings: readonly LogError[];
}

/** Throws `LogError` if nothing can be read at all. `absent`: there is no log yet, and never was. */
export function inspect(file: string, headsFile: string, busyTimeoutMs: number): Inspection | 'absent' {
  const remains = [headsFile, `${file}-wal`].filter((other) => existsSync(other));
  if (!existsSync(file) && remains.length === 0) return 'absent';
  const findings: LogError[] = [];
  const heads = keep(findings, () => readHeads(headsFile));
  if (!existsSync(file) || statSync(file).size === 0) throw new LogError('log/truncated', `The database ${file} is missing or empty, although there was a log in this directory${heads === undefined ? '' : ` with these ends: ${JSON.stringify(heads)}`}. Restore the directory from a backup.`, { file });
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
    const layout = readLayout(database, file);
    checkEnds(database, layout, heads, headsFile, findings);
    return { layout, findings };
  } catch (error) {
    throw logErrorFrom(error, 'Opening the log', { file }, 'log/corrupt');
  } finally {
    database?.close();
  }
}

function checkEnds(database: DatabaseSync, { partitions }: Layout, heads: Ends | undefined, headsFile: string, findings: LogError[]): void {
  let records = 0;
  for (const kind of ['log', 'inbox'] as const) {
    for (let partition = 0; partition < partitions; partition += 1) {
      const table = new RecordTable(database, kind, partition);
      records += table.end;
      const known = heads?.[kind][partition] ?? 0;
      if (table.end < known) findings.push(truncated(kind, partition, table.end, known));
      keep(findings, () => table.checkLast());
    }
  }
  const letters = countDeadLetters(database);
  if (letters < (heads?.deadLetters ?? 0)) findings.push(new LogError('log/truncated', `The inbox has ${letters} dead letters, but ${heads?.deadLetters} were acknowledged: the database or its WAL was damaged or cut off. Keep a copy of the directory and restore a backup.`, { file: headsFile, deadLetters: letters }));
  // A log without records and heads was created by a process that died before it wrote the heads.
  if (heads === undefined && records > 0 && findings.length === 0) findings.push(new LogError('log/truncated', `The log has ${records} records, but its file of heads ${headsFile} is missing, so that nobody can say whether that is all. Restore the file; to go on with what is there, open the log once with acceptLoss.`, { file: headsFile }));
}

function truncated(kind: Kind, partition: number, end: number, known: number): LogError {
  return new LogError('log/truncated', `Partition ${partition} of the ${kind} ends at offset ${end}, but records up to offset ${known - 1} were acknowledged: the database or its WAL was damaged or cut off. Keep a copy of the directory and restore a backup; readOnly opens what is left, acceptLoss goes on without the rest.`, { kind, partition, end, acknowledgedEnd: known });
}

function keep<Value>(findings: LogError[], attempt: () => Value): Value | undefined {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    findings.push(error);
    return undefined;
  }
}
