/**
 * Where the embedded Postgres listens: on a socket in its own directory, which only its owner may enter, or, where
 * the path is too long for one or a port was asked for, on loopback. Both ask for the password.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { SUPERUSER } from './cluster.ts';
import { OR_ELSEWHERE, PostgresServerError } from './postgres-server-error.ts';
import type { PostmasterFile } from './postmaster.ts';

export type Endpoint = { readonly on: 'socket'; readonly directory: string } | { readonly on: 'loopback'; readonly port: number };

export const LOOPBACK = '127.0.0.1';
/** Part of the socket's name; nothing listens on this port. */
export const SOCKET_PORT = 5432;
export const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`;
/** The one that initdb makes; another would cost the first start 0.3 s. */
const DATABASE = 'postgres';

/** `sun_path` has 108 bytes on Linux and 104 elsewhere, with the NUL at its end. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;
const LOGIN_TIMEOUT_MS = 5_000;

/** Throws `postgres/port-in-use` if `port` is asked for and taken. */
export async function chooseEndpoint(directory: string, port: number | undefined): Promise<Endpoint> {
  if (port !== undefined) return { on: 'loopback', port: await freePort(port) };
  const path = join(directory, SOCKET_NAME);
  const fits = process.platform !== 'win32' && Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX;
  return fits ? { on: 'socket', directory } : { on: 'loopback', port: await freePort(0) };
}

/** A survivor keeps its port; whether that is the one asked for, the caller compares. */
export function endpointOf(file: PostmasterFile): Endpoint {
  return file.socketDirectory === '' ? { on: 'loopback', port: file.port } : { on: 'socket', directory: file.socketDirectory };
}

function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (cause) => reject(new PostgresServerError('postgres/port-in-use', `Port ${port} on ${LOOPBACK} cannot be listened on: ${cause.message}. Choose another, or leave it out. ${OR_ELSEWHERE}`, { port }, { cause })));
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

export function urlOf(endpoint: Endpoint, password: string): string {
  const login = `postgres://${SUPERUSER}:${encodeURIComponent(password)}`;
  if (endpoint.on === 'loopback') return `${login}@${LOOPBACK}:${endpoint.port}/${DATABASE}`;
  return `${login}@localhost:${SOCKET_PORT}/${DATABASE}?host=${encodeURIComponent(endpoint.directory)}`;
}

/** Logs in, and returns the data directory that the server says it serves. */
export async function logIn(endpoint: Endpoint, password: string): Promise<string> {
  const client = new Client({ connectionString: urlOf(endpoint, password), connectionTimeoutMillis: LOGIN_TIMEOUT_MS, query_timeout: LOGIN_TIMEOUT_MS });
  // A server that goes away meanwhile fails the query as well; without a listener it would end this process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory ?? '';
  } finally {
    await client.end().catch(() => undefined);
  }
}
