/** The airline table: as it is, under kills, with a wrong database, and what is derived from its log. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlatform, type Finished } from '../platform-process/platform-process.ts';
import { changeRow } from './damage.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const directories: string[] = [];
const temporary = (name: string): string => {
  const directory = mkdtempSync(join(tmpdir(), `runledger-${name}-`));
  directories.push(directory);
  return directory;
};

function airline(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', join(root, 'tools/typescript.mjs'), join(root, 'e2e/airline/main.ts'), ...args], { cwd: root, env: { ...process.env, ...environment } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

describe('the recorded airline conversations', () => {
  it('come out equal: every tool output, every reward, and pass^k', { timeout: 300_000 }, async () => {
    const { code, stdout, stderr } = await airline([]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain('21/50 rewards, pass^1 0.420');
    expect(stdout).toContain('22/50 rewards, pass^1 0.440');
    expect(stdout).toContain('pass^2 over the trials given: 0.240');
    expect(stdout).toContain('572 tool outputs equal, 100 rewards equal');
    expect(stdout.match(/^gpt-4o-trial-[01]\/\d+ /gm)).toHaveLength(100);
  });

  it('diverge, and say where, when one price in the database is another', { timeout: 120_000 }, async () => {
    const database = temporary('prices');
    for (const name of ['flights', 'users', 'reservations']) cpSync(join(root, `examples/airline/data/${name}.json`), join(database, `${name}.json`));
    const file = join(database, 'flights.json');
    const trial = readFileSync(join(root, 'examples/airline/recordings/gpt-4o-trial-0.jsonl'), 'utf8');
    // A price that a recorded search result shows.
    const price = /\\"flight_number\\": \\"(HAT\d+)\\".*?\\"prices\\": \{\\"basic_economy\\": (\d+)/.exec(trial);
    const flights = readFileSync(file, 'utf8');
    writeFileSync(file, flights.replaceAll(new RegExp(`("basic_economy":\\s*)${price?.[2] ?? ''}\\b`, 'g'), '$199999'));
    const { code, stderr } = await airline(['--quiet'], { AIRLINE_DATABASE: database });
    expect(code).toBe(1);
    expect(stderr).toContain('NOT EQUAL');
    expect(stderr).toContain('recorded/diverged');
  });
});

describe('after twenty kills in the middle of the work', () => {
  const data = temporary('kills');
  let killed: Finished;

  beforeAll(async () => {
    killed = await airline(['--quiet', '--kills', '20', '--data', data]);
  }, 600_000);

  it('the table is the same, attempts were repeated, and no effect was applied twice', () => {
    expect(killed.code, killed.stdout + killed.stderr).toBe(0);
    expect(killed.stdout).toContain('21/50 rewards');
    expect(killed.stdout).toContain('22/50 rewards');
    const [, kills, open, repeated] = /(\d+) kills, (\d+) of them with attempts open in the log; attempts repeated: (\d+)/.exec(killed.stdout) ?? [];
    expect(Number(kills)).toBe(20);
    expect(Number(open)).toBeGreaterThanOrEqual(15);
    expect(Number(repeated)).toBeGreaterThan(0);
    expect(killed.stdout).toMatch(/effects: 121 keys, .*applied once: 121, more than once: 0/);
  });

  it('log, index, snapshots and rows agree', async () => {
    const { code, stdout } = await runPlatform('verify', ['--data', data, '--json']);
    const report = JSON.parse(stdout) as Record<string, number> & { differences: unknown[] };
    expect(report.differences).toEqual([]);
    expect(code).toBe(0);
    for (const name of ['records', 'events', 'runs', 'snapshots', 'indexed', 'rows']) expect(report[name], name).toBeGreaterThan(0);
    expect([report.runs, report.rows, report.rowsBehind]).toEqual([100, 100, 0]);
  });

  it('a rebuild gives the same rows', { timeout: 120_000 }, async () => {
    const before = JSON.parse((await runPlatform('verify', ['--data', data, '--json'])).stdout) as { digest: string };
    const rebuilt = JSON.parse((await runPlatform('rebuild', ['--data', data, '--json'])).stdout) as { digest: string; rows: number };
    expect(rebuilt).toMatchObject({ digest: before.digest, rows: 100 });
    expect((await runPlatform('verify', ['--data', data])).code).toBe(0);
  });

  it('one changed character in a row is found and named', { timeout: 120_000 }, async () => {
    const run = await changeRow(data);
    const { code, stdout } = await runPlatform('verify', ['--data', data]);
    expect(code).toBe(1);
    expect(stdout).toContain(`row of ${run}`);
    expect((await runPlatform('rebuild', ['--data', data])).code).toBe(0);
  });

  it('one changed character in a snapshot is found and named', { timeout: 120_000 }, async () => {
    const index = new DatabaseSync(join(data, 'index.db'));
    const { run } = index.prepare('SELECT run FROM run LIMIT 1').get() as { run: string };
    index.prepare(`UPDATE run SET snapshot = replace(snapshot, '"steps":', '"stepz":') WHERE run = ?`).run(run);
    index.close();
    const { code, stdout } = await runPlatform('verify', ['--data', data]);
    expect(code).toBe(1);
    expect(stdout).toContain(`snapshot of ${run}`);
    expect((await runPlatform('rebuild', ['--data', data])).code).toBe(0);
    expect((await runPlatform('verify', ['--data', data])).code).toBe(0);
  });

  it('one changed byte in the log is found and named', { timeout: 120_000 }, async () => {
    const file = join(data, 'log.db');
    const bytes = readFileSync(file);
    const at = bytes.indexOf('"type":"ToolCallCompleted"', Math.floor(bytes.length / 2));
    expect(at).toBeGreaterThan(0);
    bytes.write('"type":"ToolCallCompletec"', at);
    writeFileSync(file, bytes);
    const { code, stdout } = await runPlatform('verify', ['--data', data]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/partition 0[, ]+offset \d+/);
  });
});
