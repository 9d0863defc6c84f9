/** What the command ends with, and how an error becomes that. */
import { RunledgerError, type RunView } from '@runledger/sdk';

export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, refused: 4, interrupted: 130, brokenPipe: 141 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0    done; for --follow and --wait of a run: it completed, or waits for input
  1    failed; for --follow and --wait of a run: it ended otherwise, or goes on
  2    the command line is wrong
  3    the platform cannot be reached, or is not ready
  4    the platform refused (a 4xx answer)
  130  left with Ctrl-C; 141: the reader of the output has gone`;

/** The command line cannot be carried out as it stands: it has to be changed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An error with what to try next, a line each. */
export class ExplainedError extends Error {
  override readonly name = 'ExplainedError';
  readonly exitCode: ExitCode;
  readonly hints: readonly string[];

  constructor(error: RunledgerError, hints: readonly string[]) {
    super(`${error.message} [${error.code}]`, { cause: error });
    this.exitCode = exitCodeOf(error);
    this.hints = hints;
  }
}

const NOT_READY = new Set([502, 503, 504]);

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof ExplainedError) return error.exitCode;
  if (!(error instanceof RunledgerError)) return EXIT.failed;
  const { code, status } = error;
  // Whatever answered is no Runledger platform: it still has to be found.
  if (code === 'response/unexpected') return EXIT.unreachable;
  if (status === undefined) return code === 'request/invalid' ? EXIT.usage : EXIT.unreachable;
  if (NOT_READY.has(status)) return EXIT.unreachable;
  return status >= 400 && status < 500 ? EXIT.refused : EXIT.failed;
}

/** A conversation that waits for its next input has answered, and that was asked for. */
export function exitCodeOfRun({ status, waitingFor }: Pick<RunView, 'status' | 'waitingFor'>): ExitCode {
  return status === 'completed' || (status === 'waiting' && waitingFor !== 'reconciliation') ? EXIT.ok : EXIT.failed;
}
