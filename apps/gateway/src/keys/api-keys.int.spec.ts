import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { API_KEYS_FILE, LOCAL_KEY_FILE, openApiKeys } from './api-keys.ts';
import { hashOfKey } from './key-text.ts';

let directory: string;
const file = (name: string) => join(directory, name);
const entries = () => (JSON.parse(readFileSync(file(API_KEYS_FILE), 'utf8')) as { keys: { id: string; tenant: string; name: string; hash: string }[] }).keys;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runledger-keys-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('API keys', () => {
  it('begin with one for this machine, whose text only its owner can read', async () => {
    const keys = await openApiKeys(directory);
    expect(keys.localKey).toMatch(/^rl_[0-9a-v]{12}_[0-9a-v]{40}$/);
    expect(readFileSync(file(LOCAL_KEY_FILE), 'utf8').trim()).toBe(keys.localKey);
    expect(entries()).toEqual([{ id: keys.localKey.slice(3, 15), tenant: 'default', name: 'local', hash: hashOfKey(keys.localKey), createdAt: expect.any(String) as string }]);
    expect(readFileSync(file(API_KEYS_FILE), 'utf8')).not.toContain(keys.localKey.slice(16));
    for (const name of [API_KEYS_FILE, LOCAL_KEY_FILE]) expect(statSync(file(name)).mode & 0o777, name).toBe(0o600);
    expect(readdirSync(directory).toSorted()).toEqual([API_KEYS_FILE, LOCAL_KEY_FILE].toSorted());
  });

  it('stay the same when they are opened again', async () => {
    const { localKey } = await openApiKeys(directory);
    const before = readFileSync(file(API_KEYS_FILE), 'utf8');
    expect((await openApiKeys(directory)).localKey).toBe(localKey);
    expect(readFileSync(file(API_KEYS_FILE), 'utf8')).toBe(before);
  });

  it('get a new one for this machine when its text is gone or another, and keep the rest', async () => {
    const keys = await openApiKeys(directory);
    const { text } = await keys.create({ tenant: 'acme', name: 'ci' });
    for (const spoil of [() => rmSync(file(LOCAL_KEY_FILE)), () => writeFileSync(file(LOCAL_KEY_FILE), `${keys.localKey.slice(0, -1)}!`), () => writeFileSync(file(LOCAL_KEY_FILE), text.replace(/.$/, 'w'))]) {
      spoil();
      const again = await openApiKeys(directory);
      expect(again.localKey).not.toBe(keys.localKey);
      expect(again.find(again.localKey)).toMatchObject({ tenant: 'default', name: 'local' });
      expect(again.find(keys.localKey)).toBeUndefined();
      expect(again.find(text)).toMatchObject({ tenant: 'acme' });
      expect(entries()).toHaveLength(2);
    }
  });

  it('are found by their whole text only', async () => {
    const keys = await openApiKeys(directory);
    const { key, text } = await keys.create({ tenant: 'acme', name: 'ci' });
    expect(keys.find(text)).toEqual(key);
    expect(key).toEqual({ id: text.slice(3, 15), tenant: 'acme', name: 'ci', createdAt: expect.any(String) as string });
    for (const wrong of ['', text.slice(0, -1), `${text}0`, text.replace(/.$/, (last) => (last === '0' ? '1' : '0')), text.toUpperCase(), ` ${text}`, `rl_${key.id}_${keys.localKey.slice(16)}`]) expect(keys.find(wrong), wrong).toBeUndefined();
  });

  it('can be made, listed and revoked, and are never listed with what proves them', async () => {
    const keys = await openApiKeys(directory);
    const made = await Promise.all(Array.from({ length: 10 }, (_, n) => keys.create({ tenant: `tenant-${n % 2}`, name: `key ${n}` })));
    expect(keys.list()).toHaveLength(11);
    expect(JSON.stringify(keys.list())).not.toContain('hash');
    expect(await keys.revoke(made[3]?.key.id ?? '')).toBe(true);
    expect(await keys.revoke('000000000000')).toBe(false);
    expect(keys.find(made[3]?.text ?? '')).toBeUndefined();
    expect(keys.find(made[4]?.text ?? '')).toMatchObject({ tenant: 'tenant-0' });
    expect(keys.list()).toHaveLength(10);
  });

  it('are refused for what is no tenant or no name', async () => {
    const keys = await openApiKeys(directory);
    for (const of of [{ tenant: 'ACME', name: 'ci' }, { tenant: '', name: 'ci' }, { tenant: 'acme', name: '' }, { tenant: 'acme', name: 'x'.repeat(101) }, { tenant: 'default', name: 'local' }]) {
      await expect(keys.create(of)).rejects.toMatchObject({ name: 'ApiKeysError', code: 'keys/invalid' });
    }
    expect(keys.list()).toHaveLength(1);
  });

  it('that another process makes or revokes are noticed within a second', async () => {
    const gateway = await openApiKeys(directory);
    const cli = await openApiKeys(directory);
    const { key, text } = await cli.create({ tenant: 'acme', name: 'ci' });
    await sleep(1_050);
    expect(gateway.find(text)).toEqual(key);
    await cli.revoke(key.id);
    await sleep(1_050);
    expect(gateway.find(text)).toBeUndefined();
    expect(gateway.find(gateway.localKey)).toBeDefined();
  });

  it('go on as they were while their file is damaged', async () => {
    const keys = await openApiKeys(directory);
    writeFileSync(file(API_KEYS_FILE), '{"version":1,"keys":[');
    await sleep(1_050);
    expect(keys.find(keys.localKey)).toBeDefined();
  });

  it('made by many at once are all there', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => openApiKeys(directory)));
    expect(new Set(opened.map((keys) => keys.localKey)).size).toBe(1);
    const made = await Promise.all(opened.flatMap((keys, n) => [keys.create({ tenant: 'acme', name: `a${n}` }), keys.create({ tenant: 'acme', name: `b${n}` })]));
    expect(entries().map(({ id }) => id).toSorted()).toEqual([opened[0]?.localKey.slice(3, 15) ?? '', ...made.map(({ key }) => key.id)].toSorted());
  });
});

describe('a file of API keys', () => {
  it('that cannot be understood stops the start, and says what to do', async () => {
    const { localKey } = await openApiKeys(directory);
    const good = readFileSync(file(API_KEYS_FILE), 'utf8');
    for (const text of ['', '{', '[]', '{"version":2,"keys":[]}', good.replace('"hash": "', '"hash": "x'), good.replace('"tenant": "default"', '"tenant": "DEFAULT"')]) {
      writeFileSync(file(API_KEYS_FILE), text);
      await expect(openApiKeys(directory), text).rejects.toMatchObject({ name: 'ApiKeysError', code: 'keys/damaged', file: file(API_KEYS_FILE), message: expect.stringMatching(/Restore the file, or delete it/) as string });
      expect(readFileSync(file(API_KEYS_FILE), 'utf8')).toBe(text);
    }
    writeFileSync(file(API_KEYS_FILE), good);
    expect((await openApiKeys(directory)).localKey).toBe(localKey);
  });

  it('that others can read is closed to them', async () => {
    await openApiKeys(directory);
    for (const name of [API_KEYS_FILE, LOCAL_KEY_FILE]) chmodSync(file(name), 0o644);
    await openApiKeys(directory);
    for (const name of [API_KEYS_FILE, LOCAL_KEY_FILE]) expect(statSync(file(name)).mode & 0o777, name).toBe(0o600);
  });

  it('that cannot be read or written says so', async () => {
    mkdirSync(file(API_KEYS_FILE));
    await expect(openApiKeys(directory)).rejects.toMatchObject({ code: 'keys/unreadable' });
    await expect(openApiKeys(file('nowhere'))).rejects.toMatchObject({ code: 'keys/unwritable' });
  });

  it('that a process is changing is waited for; one whose process has died is not', async () => {
    const keys = await openApiKeys(directory);
    const lock = file(`${API_KEYS_FILE}.lock`);
    writeFileSync(lock, String(process.pid));
    const startedAt = performance.now();
    await expect(keys.create({ tenant: 'acme', name: 'ci' })).rejects.toMatchObject({ code: 'keys/locked', message: expect.stringContaining(lock) as string });
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(lock, String(pid));
    await keys.create({ tenant: 'acme', name: 'ci' });
    expect(existsSync(lock)).toBe(false);
  });
});
