/** Finds the embedded Postgres that a running platform serves, for programs that look at the same data beside it. */
import { realpath } from 'node:fs/promises';
import { clusterPaths, readPassword } from './cluster.ts';
import { endpointOf, logIn, urlOf } from './endpoint.ts';
import { isAlive, readPostmasterFile } from './postmaster.ts';

/** The URL of the server in `directory`; undefined if none runs there. */
export async function runningPostgres(directory: string): Promise<string | undefined> {
  try {
    const paths = clusterPaths(await realpath(directory));
    const file = await readPostmasterFile(paths.data);
    if (file === undefined || !isAlive(file.pid)) return undefined;
    const endpoint = endpointOf(file);
    const password = await readPassword(paths);
    return (await logIn(endpoint, password)) === paths.data ? urlOf(endpoint, password) : undefined;
  } catch {
    return undefined;
  }
}
