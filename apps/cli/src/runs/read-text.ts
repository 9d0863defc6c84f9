/** A text from the command line, or from stdin where it is `-`. */
import { INPUT_CHARACTERS_MAX } from '@runledger/contracts';
import { UsageError } from '../program/exit-codes.ts';
import type { Session } from '../program/session.ts';

const BYTES_MAX = INPUT_CHARACTERS_MAX * 4;

/** `what` names the text in errors. A text from stdin loses its last line break, which is the shell's. */
export async function readText(text: string, what: string, { stdin, terminal }: Pick<Session, 'stdin' | 'terminal'>): Promise<string> {
  if (text !== '-') return text;
  if (stdin.isTTY === true) terminal.tell(`Type the ${what}, and end it with Ctrl-D.`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > BYTES_MAX) throw new UsageError(`The ${what} on stdin is longer than ${BYTES_MAX} bytes; a run takes ${INPUT_CHARACTERS_MAX} characters.`);
    chunks.push(piece);
  }
  return decoded(Buffer.concat(chunks), what).replace(/\r?\n$/, '');
}

function decoded(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`The ${what} on stdin is no UTF-8 text.`, { cause: error });
  }
}

/** An input as the platform takes it. */
export async function readInput(text: string, session: Pick<Session, 'stdin' | 'terminal'>): Promise<string> {
  const input = await readText(text, 'input', session);
  if (input === '') throw new UsageError('The input is empty; a run wants at least one character.');
  if (input.length > INPUT_CHARACTERS_MAX) throw new UsageError(`The input has ${input.length} characters; a run takes ${INPUT_CHARACTERS_MAX}.`);
  return input;
}
