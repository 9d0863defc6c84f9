/** The process of the `runledger` command. */
import { randomUUID } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import { EXIT } from './program/exit-codes.ts';
import { isBrokenPipe, runCommandLine } from './program/run-command-line.ts';
import { terminalOn } from './terminal/terminal.ts';

// Whoever read the output has gone (`| head`): there is nobody to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!isBrokenPipe(error)) throw error;
    process.exit(EXIT.brokenPipe);
  });
}

const interrupt = new AbortController();
// The second Ctrl-C ends the process as it would any other.
process.once('SIGINT', () => interrupt.abort());

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: terminalOn(process.stdout, process.stderr, process.env),
  env: process.env,
  cwd: process.cwd(),
  get stdin() {
    // Ctrl-C ends reading too.
    return addAbortSignal(interrupt.signal, process.stdin);
  },
  signal: interrupt.signal,
  now: Date.now,
  newId: randomUUID,
});
