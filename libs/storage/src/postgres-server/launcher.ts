/**
 * As whom Postgres runs. It refuses to run as root, so that root hands it to somebody else, in one of these ways:
 * under a user namespace, in which root's own files belong to an ordinary user (works below folders that only root
 * may enter); as the user `postgres` or `nobody`, to whom the directory is then given (works in containers, which
 * forbid namespaces); or as one of these with the capability to pass through folders that only root may enter.
 */
import { lchown, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OR_ELSEWHERE, PostgresServerError } from './postgres-server-error.ts';
import { identity, plainEnvironment, runProgram } from './run-program.ts';

export interface Launcher {
  readonly description: string;
  /** Who its files belong to, as the file system sees it. Undefined: whoever runs this process. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Whom to change to when spawning. */
  readonly uid?: number;
  readonly gid?: number;
  command(program: string, args: readonly string[]): { readonly command: string; readonly args: readonly string[] };
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const PROBE_TIMEOUT_MS = 5_000;
/** The program can be run, the folder above the directory entered, and (where it is ours by now) the directory written. */
const PROBE = 'test -x "$1" && test -x "$2" && { test -z "$3" || test -w "$3"; }';

const asItself = { command: (program: string, args: readonly string[]) => ({ command: program, args }) };

/**
 * Chooses the way that works for this directory, and gives the directory to whom it has to belong.
 * Throws `postgres/not-permitted`.
 */
export async function chooseLauncher(directory: string, program: string): Promise<Launcher> {
  const uid = process.geteuid?.();
  if (uid === undefined) return { ...asItself, description: 'this user' };
  if (uid !== 0) return ordinaryUser(directory, uid);
  const refused: string[] = [];
  for (const launcher of await waysForRoot(directory)) {
    const refusal = await refusalOf(launcher, program, directory);
    if (refusal === undefined) {
      if (launcher.owner !== undefined) await give(directory, launcher.owner);
      return launcher;
    }
    refused.push(`${launcher.description}: ${refusal}`);
  }
  throw new PostgresServerError('postgres/not-permitted', `Postgres does not run as root, and nobody else can use ${directory} here (${refused.join('; ')}). Run the platform as an ordinary user, or choose a data directory that every user may reach. ${OR_ELSEWHERE}`, { directory });
}

async function ordinaryUser(directory: string, uid: number): Promise<Launcher> {
  for (const path of [directory, join(directory, 'data')]) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.uid !== uid) throw new PostgresServerError('postgres/not-permitted', `${path} belongs to user ${found.uid}, but this process runs as user ${uid}. Perhaps the platform was started with sudo before. Try: sudo chown -R ${uid} '${directory}'. ${OR_ELSEWHERE}`, { directory, uid });
  }
  return { ...asItself, description: `user ${uid}` };
}

/** A directory stays with whom it belongs to, if that works. */
async function waysForRoot(directory: string): Promise<readonly Launcher[]> {
  const accounts = await readAccounts();
  const ordinary = accounts.find(({ name }) => name === 'nobody') ?? accounts.find(({ uid }) => uid > 0);
  const named = ['postgres', 'nobody'].flatMap((name) => accounts.filter((account) => account.name === name));
  const owner = await stat(join(directory, 'data')).catch(() => undefined);
  const previous = owner === undefined || owner.uid === 0 ? [] : accounts.filter(({ uid }) => uid === owner.uid);
  const namespace = ordinary === undefined ? [] : [underNamespace(ordinary)];
  return [...previous.flatMap((account) => [asAccount(account), asAccountThatReaches(account)]), ...namespace, ...named.map(asAccount), ...named.map(asAccountThatReaches)];
}

/** Root outside, an ordinary user inside. It has to be one that has a name: initdb looks it up. */
function underNamespace(account: Account): Launcher {
  const namespace = ['--user', `--map-user=${account.uid}`, `--map-group=${account.gid}`, '--'];
  return { description: 'root under a user namespace', owner: { uid: 0, gid: 0 }, command: (program, args) => ({ command: 'unshare', args: [...namespace, program, ...args] }) };
}

function asAccount(account: Account): Launcher {
  const { uid, gid, name } = account;
  return { ...asItself, description: `the user ${name}`, owner: { uid, gid }, uid, gid };
}

function asAccountThatReaches({ uid, gid, name }: Account): Launcher {
  const change = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--'];
  return { description: `the user ${name} with dac_override`, owner: { uid, gid }, command: (program, args) => ({ command: 'setpriv', args: [...change, program, ...args] }) };
}

async function refusalOf(launcher: Launcher, program: string, directory: string): Promise<string | undefined> {
  const owner = (await stat(directory)).uid;
  const writable = owner === launcher.owner?.uid ? directory : '';
  const { command, args } = launcher.command('/bin/sh', ['-c', PROBE, 'probe', program, dirname(directory), writable]);
  const { code, said } = await runProgram(command, args, { timeoutMs: PROBE_TIMEOUT_MS, env: plainEnvironment(), ...identity(launcher.uid, launcher.gid) });
  if (code === 0) return undefined;
  return said === '' ? `may not run ${program}, or not enter ${dirname(directory)}` : said;
}

/** Gives the whole directory away, if it or the data in it belongs to somebody else. */
async function give(directory: string, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  const belongs = await Promise.all([directory, join(directory, 'data')].map((path) => stat(path).then(({ uid }) => uid === owner.uid, () => true)));
  if (belongs.every(Boolean)) return;
  const entries = await readdir(directory, { recursive: true });
  for (const entry of ['.', ...entries]) await lchown(join(directory, entry), owner.uid, owner.gid);
}

async function readAccounts(): Promise<readonly Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && Number(uid) >= 0 && Number(gid) >= 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
