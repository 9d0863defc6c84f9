/**
 * The API keys of an installation, in its data directory. Several processes may have them open: what one creates or
 * revokes, the others notice within a second.
 */
import { timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ApiKeysError } from './api-keys-error.ts';
import { apiKeyEntry, readKeyFile, readPrivateFile, whileLocked, writeKeyFile, writePrivateFile, type ApiKeyEntry } from './key-file.ts';
import { hashOfKey, idOfKey, newKey } from './key-text.ts';

export const API_KEYS_FILE = 'api-keys.json';
export const LOCAL_KEY_FILE = 'local-api-key';
export const LOCAL_KEY = { tenant: 'default', name: 'local' } as const;

/** A key without what would prove it. */
export type ApiKey = Omit<ApiKeyEntry, 'hash'>;

const CHANGES_EVERY_MS = 1_000;
const NO_HASH = '0'.repeat(64);

/** Throws `ApiKeysError`. Makes a key for the tenant `default` where this machine has none, and keeps its text beside it. */
export async function openApiKeys(directory: string): Promise<ApiKeys> {
  const file = join(directory, API_KEYS_FILE);
  const localFile = join(directory, LOCAL_KEY_FILE);
  const localKey = knownLocalKey(file, localFile) ?? (await whileLocked(file, () => knownLocalKey(file, localFile) ?? makeLocalKey(file, localFile)));
  return new ApiKeys(file, localKey);
}

/** Undefined if its text is not there, or is not that of a key any more. */
function knownLocalKey(file: string, localFile: string): string | undefined {
  const entries = readKeyFile(file) ?? [];
  const text = readPrivateFile(localFile)?.trim();
  return text !== undefined && entries.some((entry) => entry.id === idOfKey(text) && entry.hash === hashOfKey(text)) ? text : undefined;
}

function makeLocalKey(file: string, localFile: string): string {
  const { entry, text } = newEntry(LOCAL_KEY);
  // Its text first: an entry without a text would be a key that nobody has.
  writePrivateFile(localFile, `${text}\n`);
  writeKeyFile(file, [...(readKeyFile(file) ?? []).filter((other) => !isLocal(other)), entry]);
  return text;
}

const isLocal = ({ tenant, name }: Pick<ApiKey, 'tenant' | 'name'>): boolean => tenant === LOCAL_KEY.tenant && name === LOCAL_KEY.name;

function newEntry({ tenant, name }: Pick<ApiKey, 'tenant' | 'name'>): { readonly entry: ApiKeyEntry; readonly text: string } {
  const { id, text } = newKey();
  return { entry: { id, tenant, name, hash: hashOfKey(text), createdAt: new Date().toISOString() }, text };
}

export class ApiKeys {
  /** The text of the local key. */
  readonly localKey: string;
  readonly #file: string;
  #entries: ReadonlyMap<string, ApiKeyEntry> = new Map();
  #version = '';
  #lookedAt = -Infinity;

  constructor(file: string, localKey: string) {
    this.#file = file;
    this.localKey = localKey;
    this.#load();
  }

  /** The key that a caller has shown; undefined if it is none of ours. Takes as long for a wrong secret as for a right one. */
  find(text: string): ApiKey | undefined {
    this.#noticeChanges();
    const entry = this.#entries.get(idOfKey(text) ?? '');
    const equal = timingSafeEqual(Buffer.from(hashOfKey(text), 'hex'), Buffer.from(entry?.hash ?? NO_HASH, 'hex'));
    return equal && entry !== undefined ? shown(entry) : undefined;
  }

  list(): readonly ApiKey[] {
    this.#load();
    return [...this.#entries.values()].map(shown);
  }

  /** `text` is the key itself: it is shown now and never again. Throws `ApiKeysError`. */
  async create(of: Pick<ApiKey, 'tenant' | 'name'>): Promise<{ readonly key: ApiKey; readonly text: string }> {
    const { entry, text } = newEntry(of);
    const fault = apiKeyEntry.safeParse(entry).error?.issues[0];
    if (fault !== undefined) throw new ApiKeysError('keys/invalid', this.#file, `The ${fault.path.join('.')} of the key does not fit: ${fault.message}`);
    if (isLocal(of)) throw new ApiKeysError('keys/invalid', this.#file, `The name "${of.name}" is that of this machine's own key. Choose another.`);
    await this.#change((entries) => [...entries, entry]);
    return { key: shown(entry), text };
  }

  /** False if there is no such key. */
  async revoke(id: string): Promise<boolean> {
    let found = false;
    await this.#change((entries) => {
      found = entries.some((entry) => entry.id === id);
      return entries.filter((entry) => entry.id !== id);
    });
    return found;
  }

  async #change(change: (entries: readonly ApiKeyEntry[]) => readonly ApiKeyEntry[]): Promise<void> {
    await whileLocked(this.#file, () => writeKeyFile(this.#file, change(readKeyFile(this.#file) ?? [])));
    this.#load();
  }

  /** A file that is damaged while the platform runs changes nothing: those who were let in are, until it can be read again. */
  #noticeChanges(): void {
    const now = performance.now();
    if (now - this.#lookedAt < CHANGES_EVERY_MS) return;
    this.#lookedAt = now;
    try {
      if (versionOf(this.#file) !== this.#version) this.#load();
    } catch {
      return;
    }
  }

  #load(): void {
    const version = versionOf(this.#file);
    this.#entries = new Map((readKeyFile(this.#file) ?? []).map((entry) => [entry.id, entry]));
    this.#version = version;
  }
}

/** Changes whenever the file is replaced. */
function versionOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'absent' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

function shown({ id, tenant, name, createdAt }: ApiKeyEntry): ApiKey {
  return { id, tenant, name, createdAt };
}
