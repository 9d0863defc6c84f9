/** The operator's log: one line per thing worth knowing, to stderr; JSON where a machine reads it. */

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  /** noun/reason */
  readonly code: string;
  readonly message: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export type Log = (line: LogLine) => void;

export interface LogStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A person at a terminal gets readable lines, everything else JSON, unless `json` says otherwise. */
export function createLog(stream: LogStream = process.stderr, json: boolean = stream.isTTY !== true): Log {
  return (line) => void stream.write(`${json ? jsonLine(line) : readableLine(line)}\n`);
}

function jsonLine({ level, code, message, facts }: LogLine): string {
  return JSON.stringify({ time: new Date().toISOString(), level, code, message, ...facts });
}

function readableLine({ level, code, message, facts = {} }: LogLine): string {
  const told = Object.entries(facts).map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${new Date().toTimeString().slice(0, 8)} ${level.padEnd(5)} ${code}  ${message}${told.join('')}`;
}
