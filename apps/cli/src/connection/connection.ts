/**
 * Which platform is meant, and with which key. What stands on the command line comes before the environment, and that before
 * the data directory: a running platform writes its URL there, and the key of this machine.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setting, type Session } from '../program/session.ts';
import { UsageError } from '../program/exit-codes.ts';

export const DEFAULT_URL = 'http://127.0.0.1:4800';
export const DEFAULT_DATA = '.runledger';
export const KEY_FILE = 'local-api-key';
export const ENDPOINT_FILE = 'endpoint.json';

export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
  readonly data?: string;
}

export interface Connection {
  readonly url: string;
  /** Where the URL is from, as a person would say it. */
  readonly urlFrom: string;
  /** Undefined if none was found; the platform will say that it wants one. */
  readonly key: string | undefined;
  readonly keyFrom: string | undefined;
  readonly dataDirectory: string;
  /** The platform that says it runs on the data directory. */
  readonly endpoint: Endpoint | undefined;
  /** A key lies in the data directory, and is not meant for that URL. */
  readonly keyWithheld: boolean;
}

export interface Endpoint {
  readonly url: string;
  readonly pid: number | undefined;
}

interface Found {
  readonly value: string;
  readonly from: string;
}

export async function findConnection(options: ConnectionOptions, { env, cwd }: Pick<Session, 'env' | 'cwd'>): Promise<Connection> {
  const dataDirectory = resolve(cwd, options.data ?? setting(env, 'RUNLEDGER_DATA') ?? DEFAULT_DATA);
  const endpoint = endpointIn(await contentOf(join(dataDirectory, ENDPOINT_FILE)));
  const url = given(options.url, '--url', env, 'RUNLEDGER_URL') ?? (endpoint && { value: endpoint.url, from: join(dataDirectory, ENDPOINT_FILE) }) ?? { value: DEFAULT_URL, from: 'the default' };
  checkUrl(url);
  const known = given(options.key, '--key', env, 'RUNLEDGER_API_KEY');
  const keyFile = join(dataDirectory, KEY_FILE);
  const local = known === undefined ? (await contentOf(keyFile))?.trim() : undefined;
  // The key of this machine is for the platform on this machine; it is not handed to whoever a URL names.
  const own = isLoopback(url.value) || (endpoint !== undefined && originOf(endpoint.url) === originOf(url.value));
  const key = known ?? (own && local !== undefined && local !== '' ? { value: local, from: keyFile } : undefined);
  if (key !== undefined) checkKey(key);
  return { url: url.value, urlFrom: url.from, key: key?.value, keyFrom: key?.from, dataDirectory, endpoint, keyWithheld: local !== undefined && !own };
}

function given(option: string | undefined, flag: string, env: Session['env'], name: string): Found | undefined {
  if (option !== undefined) return { value: option, from: flag };
  const value = setting(env, name);
  return value === undefined ? undefined : { value, from: name };
}

/** Undefined if there is no such file. */
async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${path} cannot be read (${String(code ?? error)}).`, { cause: error });
  }
}

/** Undefined if the text says nothing usable: a half-written file is no reason to fail. */
export function endpointIn(text: string | undefined): Endpoint | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value !== 'object' || value === null || !('url' in value) || typeof value.url !== 'string' || !URL.canParse(value.url)) return undefined;
    return { url: value.url, pid: 'pid' in value && Number.isInteger(value.pid) && Number(value.pid) > 0 ? Number(value.pid) : undefined };
  } catch {
    return undefined;
  }
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function checkUrl({ value, from }: Found): void {
  const protocol = URL.canParse(value) ? new URL(value).protocol : undefined;
  if (protocol !== 'http:' && protocol !== 'https:') throw new UsageError(`Found the URL ${JSON.stringify(value)} (${from}), expected one as ${DEFAULT_URL}.`);
}

function checkKey({ value, from }: Found): void {
  // A header takes nothing else, and a wrong file should be named rather than sent.
  if (!/^[\x21-\x7e]{1,1000}$/.test(value)) throw new UsageError(`What stands in ${from} is no API key: found ${value.length} characters, expected printable ASCII without spaces.`);
}
