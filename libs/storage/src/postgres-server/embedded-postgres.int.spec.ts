import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { scratchPostgres, type Scratch } from '../testing/scratch-postgres.ts';
import { isAlive } from './postmaster.ts';
import { runningPostgres } from './running-server.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await scratchPostgres();
});
afterAll(() => scratch.end());
afterEach(() => vi.unstubAllEnvs());

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const fault = (code: string, ...words: string[]) => expect.objectContaining({ name: 'PostgresServerError', code, message: expect.stringMatching(words.map((word) => `(?=[^]*${word})`).join('')) });

describe('starting', () => {
  test('the first start makes a database, later ones find it as it was', async () => {
    const directory = scratch.path('fresh');
    const first = await scratch.start(directory);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    await vi.waitUntil(() => !isAlive(first.pid));
    const second = await scratch.start(directory);
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(42);
    await second.stop();
    await second.stop();
  });

  test('it listens on its socket only, and asks for the password', async () => {
    const directory = await scratch.stopped();
    const server = await scratch.start(directory);
    expect(await ask(server.url, 'SHOW listen_addresses')).toBe('');
    await expect(ask(server.url.replace(/:[^:@]*@/, ':guess@'), 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(directory, 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(await ask(server.url, 'SHOW fsync')).toBe('on');
    await server.stop();
  });

  test.each([
    ['with spaces and quotes', `a "b" c, d's`, ''],
    ['in another script', 'Größe/данные', ''],
    ['too long for a socket', 'x'.repeat(60) + '/' + 'y'.repeat(60), '127.0.0.1'],
  ])('in a folder %s', async (_, name, listening) => {
    const directory = scratch.path(name);
    await mkdir(scratch.path(name, '..'), { recursive: true });
    await rename(await scratch.stopped(), directory);
    const server = await scratch.start(directory);
    expect(await ask(server.url, 'SHOW listen_addresses')).toBe(listening);
    await server.stop();
    await rename(directory, await scratch.stopped());
  });

  test('on a port that was asked for, unless it is taken', async () => {
    const directory = await scratch.stopped();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(scratch.start(directory, port)).rejects.toEqual(fault('postgres/port-in-use', String(port)));
    other.close();
    await once(other, 'close');
    const server = await scratch.start(directory, port);
    expect(new URL(server.url).port).toBe(String(port));
    expect(await ask(server.url, 'SHOW listen_addresses')).toBe('127.0.0.1');
    await server.stop();
  });

  test('one at a time in a directory, which others can find', async () => {
    const directory = await scratch.stopped();
    expect(await runningPostgres(directory)).toBeUndefined();
    const server = await scratch.start(directory);
    expect(await runningPostgres(directory)).toBe(server.url);
    await expect(scratch.start(directory)).rejects.toEqual(fault('postgres/in-use', 'stopped'));
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await server.stop();
  });
});

describe('below folders of others', () => {
  test('a folder that only its owner may enter is no obstacle, also to root', async () => {
    await mkdir(scratch.path('private'), { mode: 0o700 });
    const directory = scratch.path('private', 'postgres');
    await rename(await scratch.stopped(), directory);
    const server = await scratch.start(directory);
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await server.stop();
    await rename(directory, await scratch.stopped());
  });

  test('where root may not make namespaces, the directory goes to somebody else', async () => {
    await chmod(scratch.path(), 0o711);
    vi.stubEnv('PATH', scratch.path('no programs here'));
    const directory = scratch.path('given');
    const server = await scratch.start(directory);
    expect((await stat(join(directory, 'data'))).uid).not.toBe(0);
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await server.stop();
    vi.unstubAllEnvs();
    const again = await scratch.start(directory);
    expect((await stat(join(directory, 'data'))).uid).not.toBe(0);
    await again.stop();
  });
});

describe('what it finds', () => {
  test.each([
    ['another version', 'postgres/wrong-version', ['17', '18', 'rebuilt'], { 'data/PG_VERSION': '17\n' }],
    ['something else', 'postgres/foreign-directory', ['data', 'RUNLEDGER_POSTGRES'], { 'data/letter.txt': 'Dear' }],
    ["a user's own database", 'postgres/foreign-directory', ['itself'], { PG_VERSION: '18\n', 'data/PG_VERSION': '18\n' }],
    ['no password', 'postgres/foreign-directory', ['password', 'rebuilt'], { 'data/PG_VERSION': '18\n' }],
    ['damaged data', 'postgres/cannot-start', ['postgres\\.log', 'pg_control', 'RUNLEDGER_POSTGRES'], { password: 'secret', 'data/PG_VERSION': '18\n', 'data/postgresql.conf': '' }],
  ])('%s is reported, and left as it is', async (name, code, words, files) => {
    const directory = scratch.path(`found ${name}`);
    await mkdir(join(directory, 'data'), { recursive: true, mode: 0o700 });
    for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
    await expect(scratch.start(directory)).rejects.toEqual(fault(code, ...words));
    for (const [file, text] of Object.entries(files)) expect(await readFile(join(directory, file), 'utf8')).toBe(text);
  });

  test('a password that does not fit is reported, and nothing left running', async () => {
    const directory = await scratch.stopped();
    const password = await readFile(join(directory, 'password'), 'utf8');
    await writeFile(join(directory, 'password'), 'guess');
    await expect(scratch.start(directory)).rejects.toEqual(fault('postgres/cannot-start', 'password'));
    await expect(stat(join(directory, 'data/postmaster.pid'))).rejects.toThrow('ENOENT');
    await writeFile(join(directory, 'password'), password);
  });

  test('a file in place of the directory is reported', async () => {
    await writeFile(scratch.path('file'), '');
    await expect(scratch.start(scratch.path('file'))).rejects.toEqual(fault('postgres/cannot-start', 'file'));
  });

  test('an interrupted first start is begun anew', async () => {
    const directory = scratch.path('interrupted');
    await mkdir(join(directory, 'data.making-1234'), { recursive: true });
    await writeFile(join(directory, 'password'), 'half');
    const server = await scratch.start(directory);
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await expect(stat(join(directory, 'data.making-1234'))).rejects.toThrow('ENOENT');
    await server.stop();
  });

  test('the number of a server that is long gone may belong to another program, which is left alone', async () => {
    const bystander = spawn('sleep', ['60']);
    await once(bystander, 'spawn');
    const directory = await scratch.stopped();
    const lock = `${bystander.pid}\n${directory}/data\n1\n5432\n${directory}\n`;
    await writeFile(join(directory, 'data/postmaster.pid'), `${lock}\n  1 1\nready\n`);
    await writeFile(join(directory, '.s.PGSQL.5432.lock'), lock);
    const server = await scratch.start(directory);
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await server.stop();
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill('SIGKILL');
    await once(bystander, 'exit');
  });
});

describe('surviving', () => {
  /** A platform that is killed while its Postgres runs. Resolves with the number of what it leaves behind. */
  async function killedPlatform(directory: string): Promise<number> {
    const module = new URL('./embedded-postgres.ts', import.meta.url).href;
    const script = `import { startEmbeddedPostgres } from ${JSON.stringify(module)};
      const server = await startEmbeddedPostgres(${JSON.stringify(directory)}, { log: () => undefined });
      console.log(server.pid);
      setInterval(() => undefined, 1000);`;
    const platform = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = (await Promise.race([once(platform.stdout, 'data'), once(platform, 'exit')])) as [Buffer];
    expect(String(text)).toMatch(/^\d+\n$/);
    platform.kill('SIGKILL');
    await once(platform, 'exit');
    return Number(text);
  }

  test('a server whose platform was killed is taken over', async () => {
    const directory = await scratch.stopped();
    const orphan = await killedPlatform(directory);
    expect(isAlive(orphan)).toBe(true);
    const server = await scratch.start(directory);
    expect(server.pid).toBe(orphan);
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await server.stop();
    await expect(ask(server.url, 'SELECT 1')).rejects.toThrow();
    await expect(stat(join(directory, 'data/postmaster.pid'))).rejects.toThrow('ENOENT');
  });

  test('one that listens elsewhere than asked for is ended', async () => {
    const directory = await scratch.stopped();
    const orphan = await killedPlatform(directory);
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    const server = await scratch.start(directory, port);
    expect(server.pid).not.toBe(orphan);
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await server.stop();
  });

  test('a server that dies on its own is started again', async () => {
    const directory = await scratch.stopped();
    const server = await scratch.start(directory);
    const before = server.pid;
    process.kill(before, 'SIGKILL');
    await vi.waitUntil(() => server.pid !== before, { timeout: 10_000, interval: 20 });
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    expect(scratch.said).toContainEqual(expect.stringContaining('has ended on its own'));
    await server.stop();
    await vi.waitUntil(() => !isAlive(server.pid));
  });
});
