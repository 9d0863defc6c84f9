/** `run`: starts one, and stays with it where that is asked for. */
import type { Client, Metadata, RunAccepted } from '@runledger/sdk';
import { EXIT, exitCodeOfRun, type ExitCode } from '../program/exit-codes.ts';
import { printJson, type Session } from '../program/session.ts';
import { LiveTimeline } from '../timeline/live-timeline.ts';
import { leave } from '../timeline/list-events.ts';
import { waitingLines } from '../timeline/header.ts';
import { typeOf } from '../timeline/known-event.ts';
import { awaitAndTell, printOutput, tellOutcome } from './await-run.ts';
import { ownKey } from './own-key.ts';
import { readInput } from './read-text.ts';

export interface StartOptions {
  readonly input: string;
  readonly id?: string;
  readonly metadata?: Metadata;
  readonly follow?: boolean;
  readonly wait?: number;
  readonly json?: boolean;
}

export async function startRun(client: Client, agent: string, options: StartOptions, session: Session): Promise<ExitCode> {
  const { terminal, signal } = session;
  const input = await readInput(options.input, session);
  const name = options.id === undefined ? { idempotencyKey: ownKey(session) } : { id: options.id };
  const accepted = await client.runs.start({ agent, input, ...name, ...(options.metadata && { metadata: options.metadata }) }, { signal });
  if (accepted.duplicate === true) terminal.tell(`The id ${options.id ?? ''} stands for this run already; nothing was started.`);
  if (options.follow === true) return followRun(client, accepted, options, session);
  if (options.wait === undefined) return tellStarted(accepted, options, session);
  terminal.tell(accepted.id);
  return awaitAndTell(client, accepted.id, { wait: options.wait, json: options.json }, session);
}

async function tellStarted(accepted: RunAccepted, { json }: StartOptions, session: Session): Promise<ExitCode> {
  if (json === true) await printJson(session, accepted);
  else await session.terminal.print(accepted.id);
  session.terminal.tell(`Follow it with: runledger events ${accepted.id} --follow`);
  return EXIT.ok;
}

async function followRun(client: Client, { id }: RunAccepted, { json }: StartOptions, session: Session): Promise<ExitCode> {
  const { terminal, signal } = session;
  terminal.tell(id);
  const live = new LiveTimeline(terminal);
  let last = 0;
  try {
    for await (const event of client.runs.events(id, { follow: true, signal })) {
      if (json === true) await printJson(session, event);
      else await live.apply(event);
      last = event.sequence;
      if (typeOf(event) === 'InputRequested') for (const line of waitingLines({ id, status: 'waiting', waitingFor: 'input' }, [])) terminal.tell(line);
      if (typeOf(event) === 'EffectUnknown') terminal.tell(`An effect's outcome is not known. See how to say it with: runledger show ${id}`);
    }
    if (json !== true) await live.end();
    const view = await client.runs.get(id, { signal });
    if (json !== true && typeof view.output === 'string') {
      await terminal.print('');
      await printOutput(view, session);
    }
    tellOutcome(view, session);
    return exitCodeOfRun(view);
  } catch (error) {
    if (!signal.aborted) throw error;
    return leave(session, id, last);
  }
}
