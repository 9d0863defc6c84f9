/** Nest's own words, in our log: nothing of what it says while it starts, everything that it warns of. */
import { type LoggerService } from '@nestjs/common';
import { type Log } from './log.ts';

export function nestLogger(log: Log): LoggerService {
  const quiet = (): void => undefined;
  const warn = (...words: unknown[]): void => log({ level: 'warn', code: 'nest/warning', message: textOf(words) });
  const error = (...words: unknown[]): void => log({ level: 'error', code: 'nest/error', message: textOf(words) });
  return { log: quiet, debug: quiet, verbose: quiet, warn, error, fatal: error };
}

/** Nest passes a message or an error, then perhaps a stack, then its name for the place. */
function textOf(words: readonly unknown[]): string {
  return words.filter((word) => word !== undefined).map((word) => (word instanceof Error ? (word.stack ?? word.message) : String(word))).join(' · ');
}
