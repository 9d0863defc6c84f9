/**
 * `start`, `rebuild`, `verify` and `keys` are the platform's own program; the command is only its name. It is run as a process,
 * since services do not import each other: same terminal, same signals, same exit code.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export type PlatformVerb = 'start' | 'rebuild' | 'verify' | 'keys';

export interface PlatformProgram {
  /** File URL of the module that lets Node run the program. */
  readonly loader: string;
  /** File URL of its entry. */
  readonly main: string;
}

const ROOT = new URL('../../../../', import.meta.url);
export const PLATFORM: PlatformProgram = { loader: new URL('tools/typescript.mjs', ROOT).href, main: new URL('apps/platform/src/main.ts', ROOT).href };

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the exit code of the program: its own, or 128 plus the signal that ended it. */
export async function runPlatform(verb: PlatformVerb, args: readonly string[], program: PlatformProgram = PLATFORM): Promise<number> {
  const main = fileURLToPath(program.main);
  if (!existsSync(main)) throw new Error(`The platform's program is not there: found nothing at ${main}.`);
  const child = spawn(process.execPath, ['--import', program.loader, main, verb, ...args], { stdio: 'inherit' });
  const listeners = FORWARDED.map((signal) => [signal, () => forward(signal)] as const);
  const forward = (signal: NodeJS.Signals) => {
    // Ctrl-C goes to every process on the terminal; a second one would tell the platform to hurry.
    if (signal === 'SIGINT' && onTerminal()) return;
    child.kill(signal);
  };
  for (const [signal, listener] of listeners) process.on(signal, listener);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  }
}

function onTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}
