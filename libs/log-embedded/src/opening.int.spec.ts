import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openEmbeddedLog } from './index.ts';
import { runChild } from './testing/run-child.ts';
import { thrownBy, withDirectory } from './testing/scratch.ts';

const LIMITS = { recordsMax: 1_000, bytesMax: 1_000_000 };

describe('creating a log', () => {
  it('makes the directories, and keeps the number of partitions', () =>
    withDirectory(async (root) => {
      const directory = join(root, 'deep', 'down');
      await openEmbeddedLog(directory, { partitions: 3 }).close();
      const opened = openEmbeddedLog(directory);
      expect([opened.log.partitions, opened.inbox.partitions]).toEqual([3, 3]);
      await opened.close();
    }));

  it('asks for the number of partitions', () =>
    withDirectory(async (directory) => {
      expect(thrownBy(() => openEmbeddedLog(directory))).toMatchObject({ code: 'log/misuse', message: expect.stringContaining('how many partitions') });
      expect(thrownBy(() => openEmbeddedLog(directory, { readOnly: true }))).toMatchObject({ code: 'log/misuse', message: expect.stringContaining('no log') });
      await openEmbeddedLog(directory, { partitions: 1 }).close();
    }));

  it('says where the directory cannot be created', () =>
    withDirectory(async (directory) => {
      writeFileSync(join(directory, 'file'), '');
      expect(thrownBy(() => openEmbeddedLog(join(directory, 'file', 'log'), { partitions: 1 }))).toMatchObject({ code: 'log/unavailable', where: { directory: join(directory, 'file', 'log') } });
    }));

  it.each([0, -1, 1.5, 257])('refuses %d partitions', (partitions) =>
    withDirectory(async (directory) => {
      expect(thrownBy(() => openEmbeddedLog(directory, { partitions }))).toMatchObject({ code: 'log/misuse' });
    }),
  );

  it('refuses another number of partitions than the log was created with, and names it', () =>
    withDirectory(async (directory) => {
      await openEmbeddedLog(directory, { partitions: 4 }).close();
      expect(thrownBy(() => openEmbeddedLog(directory, { partitions: 8 }))).toMatchObject({ code: 'log/misuse', message: expect.stringMatching(/created with 4 partitions, and 8/), where: { partitions: 4 } });
      await openEmbeddedLog(directory, { partitions: 4 }).close();
    }));

  it('goes on where a process died between creating the tables and the file of heads', () =>
    withDirectory(async (directory) => {
      await openEmbeddedLog(directory, { partitions: 2 }).close();
      rmSync(join(directory, 'log.heads'));
      const opened = openEmbeddedLog(directory, { partitions: 2 });
      expect(await opened.log.extent(0)).toEqual({ start: 0, end: 0 });
      await opened.close();
      expect(existsSync(join(directory, 'log.heads'))).toBe(true);
    }));

  it('goes on where a process died while it created the database', () =>
    withDirectory(async (directory) => {
      for (const name of ['log.db.creating', 'log.db.creating-wal', 'log.db.creating-journal']) writeFileSync(join(directory, name), 'left by a process that was killed');
      const opened = openEmbeddedLog(directory, { partitions: 2 });
      expect(await opened.log.append([{ partition: 1, expected: 0, bodies: ['first'] }])).toMatchObject([{ outcome: 'accepted' }]);
      await opened.close();
      expect(readdirSync(directory).filter((name) => name.includes('creating'))).toEqual([]);
    }));

  it.each(['log.db', 'log.db-wal', 'log.heads'])('does not start a new log where a %s without the others says that there was one', (name) =>
    withDirectory(async (directory) => {
      writeFileSync(join(directory, name), '');
      expect(thrownBy(() => openEmbeddedLog(directory, { partitions: 2 }))).toMatchObject({ code: 'log/truncated', message: expect.stringContaining('Restore') });
    }),
  );
});

describe('what is not a log of this version', () => {
  it('refuses a newer format', () =>
    withDirectory(async (directory) => {
      await openEmbeddedLog(directory, { partitions: 1 }).close();
      const database = new DatabaseSync(join(directory, 'log.db'));
      database.prepare("UPDATE meta SET value = '2', crc = ? WHERE key = 'format'").run(crc32('format=2'));
      database.close();
      expect(thrownBy(() => openEmbeddedLog(directory))).toMatchObject({ code: 'log/newer-version', where: { format: 2 } });
      expect(thrownBy(() => openEmbeddedLog(directory, { readOnly: true }))).toMatchObject({ code: 'log/newer-version' });
    }));

  it('refuses a file that is no database, and a database that is no log', () =>
    withDirectory(async (directory) => {
      writeFileSync(join(directory, 'log.db'), 'This is a text file, and a rather long one, so that it has a whole header of a hundred bytes and more.');
      expect(thrownBy(() => openEmbeddedLog(directory, { partitions: 1 }))).toMatchObject({ code: 'log/corrupt' });
      rmSync(join(directory, 'log.db'));
      const database = new DatabaseSync(join(directory, 'log.db'));
      database.exec('CREATE TABLE invoices (id INTEGER PRIMARY KEY)');
      database.close();
      expect(thrownBy(() => openEmbeddedLog(directory, { partitions: 1 }))).toMatchObject({ code: 'log/corrupt', message: expect.stringContaining('is no log') });
    }));
});

describe('the lock', () => {
  it('lets one process write, and names it to the others', () =>
    withDirectory(async (directory) => {
      const holder = runChild('hold', directory);
      await holder.first(({ holding }) => holding !== undefined);
      expect(thrownBy(() => openEmbeddedLog(directory, { partitions: 2 }))).toMatchObject({ code: 'log/locked', message: expect.stringContaining(`process ${holder.process.pid}`), where: { pid: holder.process.pid } });
      const reader = openEmbeddedLog(directory, { readOnly: true });
      expect(await reader.log.extent(0)).toEqual({ start: 0, end: 0 });
      await reader.close();
      holder.process.kill('SIGKILL');
      await holder.ended;
      expect(readFileSync(join(directory, 'writer.pid'), 'utf8').trim()).toBe(String(holder.process.pid));
      await openEmbeddedLog(directory, { partitions: 2 }).close();
    }));

  it('holds within one process too, until both the log and the inbox are closed', () =>
    withDirectory(async (directory) => {
      const opened = openEmbeddedLog(directory, { partitions: 1 });
      expect(thrownBy(() => openEmbeddedLog(directory))).toMatchObject({ code: 'log/locked', where: { pid: process.pid } });
      await opened.log.close();
      expect(thrownBy(() => openEmbeddedLog(directory))).toMatchObject({ code: 'log/locked' });
      await opened.inbox.close();
      await openEmbeddedLog(directory).close();
    }));

  it('is given back when opening fails', () =>
    withDirectory(async (directory) => {
      await openEmbeddedLog(directory, { partitions: 1 }).close();
      for (let k = 0; k < 3; k += 1) expect(thrownBy(() => openEmbeddedLog(directory, { partitions: 2 }))).toMatchObject({ code: 'log/misuse' });
      await openEmbeddedLog(directory).close();
    }));
});

describe('a process that only reads', () => {
  it('follows the writer from beside it, and gets every record', () =>
    withDirectory(async (directory) => {
      const { log, close } = openEmbeddedLog(directory, { partitions: 2, checkpointPages: 20 });
      const count = 600;
      const followers = [runChild('follow', directory, { count }), runChild('follow', directory, { count })];
      await Promise.all(followers.map((follower) => follower.first(({ following }) => following !== undefined)));
      const bodies: string[] = [];
      for (let k = 0; k < count; k += 2) {
        const pair = [`record ${k} ${'x'.repeat(k)}`, `record ${k + 1}`];
        expect(await log.append([{ partition: 0, expected: k, bodies: pair }])).toMatchObject([{ outcome: 'accepted' }]);
        bodies.push(...pair);
        if (k % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      for (const follower of followers) expect((await follower.first((line) => line.bodies !== undefined)).bodies).toEqual(bodies);
      await Promise.all(followers.map(({ ended }) => ended));
      await close();
    }));

  it('is told why when it tries to write', () =>
    withDirectory(async (directory) => {
      const writer = openEmbeddedLog(directory, { partitions: 1 });
      await writer.log.append([{ partition: 0, expected: 0, bodies: ['first'] }]);
      await writer.inbox.produce(0, 'command');
      const { log, inbox, close, findings } = openEmbeddedLog(directory, { readOnly: true });
      expect(findings).toEqual([]);
      expect(await log.append([{ partition: 0, expected: 1, bodies: ['second'] }])).toMatchObject([{ outcome: 'unknown', error: { code: 'log/read-only' } }]);
      for (const attempt of [() => inbox.produce(0, 'more'), () => inbox.trimBelow(0, 1), () => inbox.bury(0, { offset: 0, body: 'command' }, 'none')]) {
        await expect(attempt()).rejects.toMatchObject({ code: 'log/read-only' });
      }
      expect(inbox.id).toBe(writer.inbox.id);
      expect(await inbox.read(0, 0, LIMITS)).toEqual([{ offset: 0, body: 'command' }]);
      await close();
      await writer.close();
    }));
});
