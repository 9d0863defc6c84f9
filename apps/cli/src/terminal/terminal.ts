/** Where output goes: what was asked for to stdout, everything said beside it to stderr. */
import { styleText } from 'node:util';
import { visible } from './text.ts';

type Paint = (text: string) => string;
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

export interface Terminal {
  /** Whether stdout is a terminal, so that a person reads it and its escape sequences are obeyed. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly style: Style;
  /** A line, or several, to stdout. Resolves once it is written, so that a slow reader slows the writer. */
  print(text: string): Promise<void>;
  /** A line, or several, to stderr. */
  tell(text: string): void;
}

export interface Sink {
  write(text: string, done?: (error?: Error | null) => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const COLUMNS = 120;
const COLUMNS_MIN = 60;

export function terminalOn(stdout: Sink, stderr: Sink, env: Readonly<Record<string, string | undefined>>): Terminal {
  const interactive = stdout.isTTY === true;
  const wanted = Number(stdout.columns ?? env['COLUMNS'] ?? COLUMNS);
  return {
    interactive,
    columns: Math.max(COLUMNS_MIN, Number.isInteger(wanted) ? wanted : COLUMNS),
    style: styleOf(interactive && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'),
    print: (text) => new Promise((resolve, reject) => void stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()))),
    // Messages quote what the platform answered.
    tell: (text) => void stderr.write(`${visible(text)}\n`),
  };
}

export function styleOf(coloured: boolean): Style {
  const paint = (format: Parameters<typeof styleText>[0]): Paint => (coloured ? (text) => styleText(format, text, { validateStream: false }) : (text) => text);
  return { bold: paint('bold'), dim: paint('dim'), red: paint('red'), green: paint('green'), yellow: paint('yellow'), cyan: paint('cyan') };
}
