/** What a command works with, so that a test can be its terminal, its clock and its Ctrl-C. */
import type { Terminal } from '../terminal/terminal.ts';

export interface InputStream extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean | undefined;
}

export interface Session {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: InputStream;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** ms since 1970. */
  readonly now: () => number;
  /** Something no one has used before. */
  readonly newId: () => string;
}

/** A value of the environment; an empty one counts as none. */
export function setting(env: Session['env'], name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

export async function printJson({ terminal }: Pick<Session, 'terminal'>, value: unknown): Promise<void> {
  await terminal.print(JSON.stringify(value));
}
