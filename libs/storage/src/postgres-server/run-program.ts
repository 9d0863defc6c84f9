/** Runs a program to its end and keeps the last of what it said. */
import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** Null if the program could not be started, or was ended by a signal or the time limit. */
  readonly code: number | null;
  /** The end of its standard output and error, mixed. */
  readonly said: string;
}

export interface ProgramOptions {
  readonly timeoutMs: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

const SAID_CHARACTERS_MAX = 4_000;

/** Never throws: a program that cannot be started has said why. */
export function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { timeoutMs, uid, gid, env } = options;
  return new Promise((resolve) => {
    let said = '';
    const hear = (text: unknown) => (said = (said + String(text)).slice(-SAID_CHARACTERS_MAX));
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL', windowsHide: true, ...identity(uid, gid), ...(env && { env }) });
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => resolve({ code: null, said: `${said}${error.message}` }));
    child.on('close', (code) => resolve({ code, said: said.trim() }));
  });
}

export function identity(uid: number | undefined, gid: number | undefined): { uid?: number; gid?: number } {
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}

/** What Postgres' programs get to see of the environment: nothing of PG*, LC_* or of secrets. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH'];
  return { ...Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))), LC_ALL: 'C', TZ: 'UTC' };
}
