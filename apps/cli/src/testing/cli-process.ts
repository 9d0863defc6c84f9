/** The command as a shell would start it: in a process of its own, or in this one where nothing hangs on that. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../program/run-command-line.ts';
import { terminalOn, type Sink } from '../terminal/terminal.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  /** Resolves once stdout or stderr has shown it. */
  shown(pattern: RegExp): Promise<void>;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Undefined: stdin stays open, and brings nothing. */
  readonly input?: string | undefined;
}

export async function runHere(args: readonly string[], { cwd, env = {}, input = '' }: CliOptions): Promise<Finished> {
  const [out, err]: [string[], string[]] = [[], []];
  const sink = (texts: string[]): Sink => ({ write: (text, done) => void (texts.push(text), done?.()) });
  const code = await runCommandLine(args, {
    terminal: terminalOn(sink(out), sink(err), env), env, cwd, stdin: Readable.from([Buffer.from(input)]), signal: new AbortController().signal, now: Date.now, newId: () => 'new-id',
  });
  return { code, out: out.join(''), err: err.join('') };
}

export function startCli(args: readonly string[], { cwd, env = {}, input }: CliOptions): CliProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { PATH: process.env['PATH'], ...env } });
  const texts = { out: '', err: '' };
  const watchers = new Set<() => void>();
  for (const [name, stream] of [['out', child.stdout], ['err', child.stderr]] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      for (const watch of watchers) watch();
    });
  }
  child.stdin.on('error', () => undefined);
  if (input !== undefined) child.stdin.end(input);
  const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, ...texts })));
  const shown = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const watch = () => void ((pattern.test(texts.out) || pattern.test(texts.err)) && (watchers.delete(watch), resolve()));
      watchers.add(watch);
      watch();
      void finished.then(() => reject(new Error(`It ended without ${pattern}: ${texts.out}${texts.err}`)));
    });
  return { child, finished, shown };
}
