/** Temporary directories with a real Postgres in them, for specs. Everything is stopped and removed at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../postgres-server/embedded-postgres.ts';

export interface Scratch {
  /** An empty place below the temporary directory; nothing is made there yet. */
  path(...names: string[]): string;
  /** Starts a server, and remembers to stop it. */
  start(directory: string, port?: number): Promise<EmbeddedPostgres>;
  /** The directory of a stopped server, made at the first call: initdb is slow, so that tests share one. */
  stopped(): Promise<string>;
  /** What was reported so far. */
  readonly said: string[];
  end(): Promise<void>;
}

export async function scratchPostgres(): Promise<Scratch> {
  const root = await mkdtemp(join(tmpdir(), 'runledger-postgres-'));
  const servers: EmbeddedPostgres[] = [];
  const said: string[] = [];
  const path = (...names: string[]) => join(root, ...names);
  const start = async (directory: string, port?: number) => {
    const server = await startEmbeddedPostgres(directory, { port, log: (line) => said.push(line) });
    servers.push(server);
    return server;
  };
  let made: Promise<string> | undefined;
  const make = async () => {
    const directory = path('stopped');
    await (await start(directory)).stop();
    return directory;
  };
  return {
    path,
    start,
    said,
    stopped: () => (made ??= make()),
    end: async () => {
      for (const server of servers) await server.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
