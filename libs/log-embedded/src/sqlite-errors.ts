/** What SQLite's errors mean for the log. The names say what the caller should do; the message keeps SQLite's own words. */
import { LogError, type LogErrorCode } from '@runledger/event-sourcing';

type Where = Readonly<Record<string, string | number>>;

/** SQLite's primary result codes, the low byte of an extended one. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CONSTRAINT = 19;
const MISMATCH = 20;
const NOTADB = 26;

/** A read beyond the end of a file that should be longer: the file was cut off. */
const IOERR_SHORT_READ = 522;

interface SqliteError extends Error {
  readonly errcode: number;
  readonly errstr: string;
}

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && ((error.errcode & 0xff) === BUSY || (error.errcode & 0xff) === LOCKED);
}

/** Turns whatever was thrown into a `LogError` that says what was being done, and where. `otherwise` is the code for what SQLite did not throw. */
export function logErrorFrom(error: unknown, doing: string, where: Where, otherwise: LogErrorCode = 'log/unavailable'): LogError {
  if (error instanceof LogError) return error;
  const code = isSqliteError(error) ? codeOf(error) : otherwise;
  const words = isSqliteError(error) ? `${error.message} (SQLite code ${error.errcode}, ${error.errstr})` : String(error);
  const place = Object.entries(where).map(([name, value]) => `${name} ${value}`).join(', ');
  return new LogError(code, `${doing} failed at ${place}: ${words}. ${ADVICE[code] ?? ''}`.trimEnd(), where, { cause: error });
}

const ADVICE: Partial<Record<LogErrorCode, string>> = {
  'log/corrupt': 'The file is damaged: stop, keep a copy of the directory, and restore the log from a backup.',
  'log/full': 'Make room on the disk, then open the log again.',
  'log/read-only': 'Check who may write to the directory.',
  'log/unavailable': 'Check the disk and the kernel log, then start the process again.',
};

function codeOf(error: SqliteError): LogErrorCode {
  if (error.errcode === IOERR_SHORT_READ) return 'log/corrupt';
  switch (error.errcode & 0xff) {
    case CORRUPT:
    case NOTADB:
    case CONSTRAINT:
    case MISMATCH:
      return 'log/corrupt';
    case FULL:
      return 'log/full';
    case READONLY:
      return 'log/read-only';
    default:
      return 'log/unavailable';
  }
}
