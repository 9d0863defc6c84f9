/** Starting and stopping: what a user meets when it works, and when it does not. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@runledger/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { PlatformProcess, freePort, runPlatform } from '../platform-process/platform-process.ts';

const agents = ['./examples/airline/src/agent.ts'];
let running: PlatformProcess | undefined;
const directories: string[] = [];

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'runledger start-'));
  directories.push(directory);
  return directory;
}

async function started(data: string, port?: number): Promise<PlatformProcess> {
  running = new PlatformProcess({ data, port: port ?? (await freePort()), agents });
  await running.start();
  return running;
}

afterEach(async () => {
  await running?.kill();
  running = undefined;
  directories.splice(0).forEach((directory) => rmSync(directory, { recursive: true, force: true }));
});

describe('starting', () => {
  it('serves the API with the key it made, and stops at SIGTERM with exit code 0', { timeout: 60_000 }, async () => {
    const platform = await started(temporary());
    const { runs, agents: loaded } = connect({ url: platform.url, apiKey: platform.apiKey });
    expect((await loaded.list()).map(({ name }) => name)).toEqual(['airline']);
    const run = await runs.start({ agent: 'airline', input: 'Nobody recorded this.', id: 'mine' }, { wait: 20 });
    expect(run).toMatchObject({ status: 'failed', reason: 'recorded/unknown', key: 'mine' });
    expect((await runs.get('mine')).id).toBe(run.id);
    await platform.stop();
    expect(platform.said).toContain('stopping');
  });

  it('says which port is taken', { timeout: 60_000 }, async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    const { code, stderr } = await runPlatform('start', ['--data', temporary(), '--port', String(port)]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`gateway/port-taken`);
    expect(stderr).toContain(String(port));
  });

  it('says who holds the data directory', { timeout: 60_000 }, async () => {
    const data = temporary();
    const platform = await started(data);
    const { code, stderr } = await runPlatform('start', ['--data', data, '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toContain('log/locked');
    expect(stderr).toContain(String(platform.pid));
  });

  it('refuses data of a newer version, and data that is not its own', { timeout: 60_000 }, async () => {
    const data = temporary();
    writeFileSync(join(data, 'format.json'), JSON.stringify({ product: 'runledger', format: 99 }));
    const newer = await runPlatform('start', ['--data', data, '--port', '0']);
    expect([newer.code, newer.stderr]).toEqual([1, expect.stringContaining('data/newer-version')]);
    writeFileSync(join(data, 'format.json'), 'something else');
    const foreign = await runPlatform('start', ['--data', data, '--port', '0']);
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('data/foreign')]);
  });

  it('says that a directory cannot be written', { timeout: 60_000 }, async () => {
    const file = join(temporary(), 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await runPlatform('start', ['--data', join(file, 'below'), '--port', '0']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('data/unwritable')]);
  });

  it('explains wrong settings and its options', { timeout: 60_000 }, async () => {
    expect(await runPlatform('start', ['--port', 'eighty'])).toMatchObject({ code: 2, stderr: expect.stringContaining('whole number') as string });
    expect(await runPlatform('start', ['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--data') as string });
    const missing = await runPlatform('start', ['--data', temporary(), '--port', '0', '--agents', './nowhere']);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('agent/not-found')]);
  });

  it('keeps its keys to itself', { timeout: 60_000 }, async () => {
    const data = temporary();
    const platform = await started(data);
    expect(readFileSync(join(data, 'api-keys.json'), 'utf8')).not.toContain(platform.apiKey);
    expect(platform.said).not.toContain(platform.apiKey);
    await expect(connect({ url: platform.url, apiKey: 'rl_wrong_key' }).runs.list()).rejects.toMatchObject({ code: 'key/unknown' });
  });
});

describe('records in the inbox that nobody can read', () => {
  it('are put aside with the reason, and what comes after them is done', { timeout: 90_000 }, async () => {
    const { openEmbeddedLog } = await import('@runledger/log-embedded');
    const data = temporary();
    const platform = await started(data);
    await platform.stop();
    mkdirSync(data, { recursive: true });
    const opened = openEmbeddedLog(data);
    for (const body of ['not json', '{"schema":"runledger.command.v1"}', '[]', '\u0000', 'x'.repeat(100_000)]) await opened.inbox.produce(0, body);
    await opened.close();
    const again = await started(data, platform.options.port);
    const { runs } = connect({ url: again.url, apiKey: again.apiKey });
    expect(await runs.start({ agent: 'airline', input: 'Hi', id: 'after' }, { wait: 20 })).toMatchObject({ status: 'failed' });
    await again.stop();
    const reader = openEmbeddedLog(data, { readOnly: true });
    const buried = await reader.inbox.deadLetters();
    await reader.close();
    expect(buried).toHaveLength(5);
    for (const { reason } of buried) expect(reason.length).toBeGreaterThan(5);
  });
});
