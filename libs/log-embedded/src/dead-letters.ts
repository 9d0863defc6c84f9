/** Commands that could not be taken, kept with the reason until a person looks at them. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { LogError, type DeadLetter } from '@runledger/event-sourcing';
import { logErrorFrom } from './sqlite-errors.ts';
import type { Store } from './store.ts';

export class DeadLetters {
  private readonly store: Store;
  private readonly insert: StatementSync;
  private readonly select: StatementSync;

  constructor(store: Store) {
    this.store = store;
    this.insert = store.database.prepare('INSERT OR IGNORE INTO dead_letters (partition, offset, crc, body, reason) VALUES (?, ?, ?, ?, ?)');
    this.select = store.database.prepare('SELECT partition, offset, crc, body, reason FROM dead_letters ORDER BY partition, offset');
  }

  bury(letter: DeadLetter): void {
    const { partition, offset, body, reason } = letter;
    let added = 0;
    const write = (): void => void (added = Number(this.insert.run(partition, offset, sumOf(letter), body, reason).changes));
    const applied = (): void => void (this.store.deadLetters += added);
    this.store.transact('Burying a command', { records: 0, bytes: body.length, tables: 1 }, write, applied);
  }

  all(): DeadLetter[] {
    try {
      return this.select.all().map((row) => {
        const { crc, ...letter } = { ...row } as unknown as DeadLetter & { crc: number };
        if (crc !== sumOf(letter)) throw new LogError('log/corrupt', `The dead letter of offset ${letter.offset} in partition ${letter.partition} does not have its checksum.`, { partition: letter.partition, offset: letter.offset });
        return letter;
      });
    } catch (error) {
      throw logErrorFrom(error, 'Reading the dead letters', { file: this.store.options.file }, 'log/corrupt');
    }
  }
}

export function countDeadLetters(database: DatabaseSync): number {
  return Number(database.prepare('SELECT count(*) AS count FROM dead_letters').get()?.['count']);
}

function sumOf({ partition, offset, body, reason }: DeadLetter): number {
  return crc32(JSON.stringify([partition, offset, body, reason]));
}
