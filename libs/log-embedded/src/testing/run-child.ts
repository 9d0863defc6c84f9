/** Starts `child.ts` and listens to its lines. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Written } from './workload.ts';

const PROGRAM = fileURLToPath(new URL('child.ts', import.meta.url));

export interface Line {
  readonly opened?: readonly number[];
  readonly holding?: number;
  readonly following?: number;
  readonly accepted?: readonly Written[];
  readonly trimmed?: { readonly partition: number; readonly below: number };
  readonly buried?: { readonly partition: number; readonly offset: number };
  readonly bodies?: readonly string[];
  readonly refused?: readonly { readonly outcome: string; readonly code: string; readonly message: string }[];
  readonly stopped?: number;
  readonly read?: number;
  readonly closed?: boolean;
}

export interface Child {
  readonly process: ChildProcess;
  /** All lines so far; whole once `ended` has resolved. */
  readonly lines: readonly Line[];
  /** Resolves with the first line that answers the question, and rejects if the child ends without one. */
  first(matches: (line: Line) => boolean): Promise<Line>;
  /** Resolves when the child is gone and everything it said was read. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly errors: string }>;
}

export interface Surroundings {
  /** Put before the command, for example a shell that sets a limit first. */
  readonly around?: readonly string[];
  /** Where compiled programs are kept, so that a process that is started two hundred times starts quickly. */
  readonly compileCache?: string;
}

export function runChild(role: string, directory: string, options: object = {}, { around = [], compileCache }: Surroundings = {}): Child {
  const [command = process.execPath, ...args] = [...around, process.execPath, PROGRAM, role, directory, JSON.stringify(options)];
  const env = compileCache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: compileCache };
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const lines: Line[] = [];
  const waiting = new Set<(line: Line) => void>();
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    for (const see of waiting) see(line);
  });
  const ended = new Promise<{ code: number | null; signal: string | null; errors: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, errors }));
  });
  const first = (matches: (line: Line) => boolean): Promise<Line> => {
    const seen = lines.find(matches);
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve, reject) => {
      const see = (line: Line): void => void (matches(line) && (waiting.delete(see), resolve(line)));
      waiting.add(see);
      void ended.then(({ code, signal }) => reject(new Error(`The child (${role}) ended with ${code ?? signal} before it said what was waited for. ${errors}`)));
    });
  };
  return { process: child, lines, first, ended };
}
