/** One command line from its arguments to its exit code. Never throws: an error is told on stderr, and becomes an exit code. */
import { CommanderError } from 'commander';
import { visible } from '../terminal/text.ts';
import { actionsOf, type Actions } from './actions.ts';
import { EXIT, exitCodeOf, ExplainedError } from './exit-codes.ts';
import { programOf, type Ended } from './program.ts';
import type { Session } from './session.ts';

/** `args` without the program's own name. */
export async function runCommandLine(args: readonly string[], session: Session, actions: Actions = actionsOf(session)): Promise<number> {
  const { terminal } = session;
  const ended: Ended = { exitCode: EXIT.ok };
  const program = programOf(actions, args, ended);
  const printed: Promise<void>[] = [];
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void printed.push(terminal.print(text.replace(/\n$/, ''))),
      writeErr: (text) => terminal.tell(text.replace(/\n$/, '')),
      outputError: (text, write) => write(text.replace(/^error: /, 'runledger: ')),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    ended.exitCode = error instanceof CommanderError ? exitCodeOfParsing(error) : exitCodeAfterTelling(error, session);
  }
  await Promise.all(printed);
  return ended.exitCode;
}

/** Help that was asked for is an answer; help for want of a command is not. */
function exitCodeOfParsing({ code }: CommanderError): number {
  return code === 'commander.helpDisplayed' || code === 'commander.version' ? EXIT.ok : EXIT.usage;
}

function exitCodeAfterTelling(error: unknown, { terminal, signal }: Session): number {
  if (signal.aborted) return EXIT.interrupted;
  if (isBrokenPipe(error)) return EXIT.brokenPipe;
  terminal.tell(`runledger: ${visible(error instanceof Error ? error.message : String(error))}`);
  if (error instanceof ExplainedError) for (const hint of error.hints) terminal.tell(`  ${hint}`);
  return exitCodeOf(error);
}

export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
