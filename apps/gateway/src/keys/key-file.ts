/** The file of API keys: read whole, replaced whole, changed by one process at a time, and nobody else's to read. */
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tenantId } from '@runledger/contracts';
import { z } from 'zod';
import { ApiKeysError } from './api-keys-error.ts';

export const apiKeyEntry = z.strictObject({
  id: z.string().regex(/^[0-9a-v]{12}$/),
  tenant: tenantId,
  name: z.string().min(1).max(100),
  hash: z.string().regex(/^[0-9a-f]{64}$/).describe('SHA-256 of the key.'),
  createdAt: z.iso.datetime(),
});
export type ApiKeyEntry = z.infer<typeof apiKeyEntry>;
const content = z.strictObject({ version: z.literal(1), keys: z.array(apiKeyEntry) });

const OWNER_ONLY = 0o600;
const LOCK_TRIES_MAX = 100;
const LOCK_RETRY_MS = 20;

/** The entries; undefined if there is no file yet. */
export function readKeyFile(file: string): readonly ApiKeyEntry[] | undefined {
  const text = readPrivateFile(file);
  if (text === undefined) return undefined;
  const parsed = content.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data.keys;
  const [issue] = parsed.error.issues;
  throw new ApiKeysError('keys/damaged', file, `The API keys in ${file} cannot be understood (${issue?.path.join('.') || 'the whole'}: ${issue?.message}). Restore the file, or delete it: a new key for the tenant "default" is then made, and every other key has to be made anew.`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function writeKeyFile(file: string, keys: readonly ApiKeyEntry[]): void {
  writePrivateFile(file, `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`);
}

/** The text, with rights narrowed to the owner's; undefined if there is no such file. */
export function readPrivateFile(file: string): string | undefined {
  try {
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, OWNER_ONLY);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new ApiKeysError('keys/unreadable', file, `${file} cannot be read (${codeOf(error)}). Give it to the user that runs the platform, with rights 0600.`, { cause: error });
  }
}

/** Whoever reads meanwhile, or after a power cut, finds the old text or the new one. */
export function writePrivateFile(file: string, text: string): void {
  const written = `${file}.${process.pid}.new`;
  try {
    const descriptor = openSync(written, 'w', OWNER_ONLY);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(written, file);
  } catch (error) {
    rmSync(written, { force: true });
    throw new ApiKeysError('keys/unwritable', file, `${file} cannot be written (${codeOf(error)}). Its directory must be there and belong to the user that runs the platform.`, { cause: error });
  }
}

/** Changes of several processes come one after the other. Throws `keys/locked` after two seconds. */
export async function whileLocked<Result>(file: string, change: () => Result): Promise<Result> {
  const lock = `${file}.lock`;
  for (let tries = 1; !tryLock(lock); tries += 1) {
    if (tries >= LOCK_TRIES_MAX) throw new ApiKeysError('keys/locked', file, `Another process is changing ${file}. Try again; if there is no such process, delete ${lock}.`);
    await sleep(LOCK_RETRY_MS);
  }
  try {
    return change();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** The lock names its holder, so that one who died does not lock everybody out. */
function tryLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx', mode: OWNER_ONLY });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw new ApiKeysError('keys/unwritable', lock, `${lock} cannot be written (${codeOf(error)}). Its directory must be there and belong to the user that runs the platform.`, { cause: error });
  }
  const holder = Number(readPrivateFile(lock));
  if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? error);
}
