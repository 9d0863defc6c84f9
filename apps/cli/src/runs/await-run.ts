/** Waiting for a run, in turns of what the platform lets a request wait, and telling how it came out. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FINAL_STATUSES } from '@runledger/contracts';
import type { Client, RunView } from '@runledger/sdk';
import { EXIT, exitCodeOfRun, type ExitCode } from '../program/exit-codes.ts';
import { printJson, type Session } from '../program/session.ts';
import { visible } from '../terminal/text.ts';
import { statusText, tookText, totalsText, waitingLines } from '../timeline/header.ts';

const WAIT_SECONDS_MAX = 60;
/** A platform that answers early, as one does that is being stopped, is not asked in a tight loop. */
const PAUSE_MS = 250;

/** Until the run is final or waiting, or the seconds are over; then the run as it is. */
export async function awaitRun({ runs }: Client, run: string, seconds: number, { now, signal }: Pick<Session, 'now' | 'signal'>): Promise<RunView> {
  const until = now() + seconds * 1000;
  for (;;) {
    const asked = now();
    const wait = Math.min(WAIT_SECONDS_MAX, Math.max(0, (until - asked) / 1000));
    const view = await runs.get(run, { wait, signal });
    if (isSettled(view) || now() >= until) return view;
    if (now() - asked < PAUSE_MS) await sleep(Math.min(PAUSE_MS, until - now()), undefined, { signal });
  }
}

export function isSettled({ status }: Pick<RunView, 'status'>): boolean {
  return status === 'waiting' || FINAL_STATUSES.includes(status);
}

/** Waits, prints what the run said, and tells the rest. */
export async function awaitAndTell(client: Client, run: string, { wait, json }: { readonly wait: number; readonly json?: boolean | undefined }, session: Session): Promise<ExitCode> {
  try {
    const view = await awaitRun(client, run, wait, session);
    if (json === true) await printJson(session, view);
    else await printOutput(view, session);
    tellOutcome(view, session);
    return exitCodeOfRun(view);
  } catch (error) {
    if (!session.signal.aborted) throw error;
    session.terminal.tell(`Left; the run goes on. Look at it with: runledger show ${run}`);
    return EXIT.interrupted;
  }
}

export async function printOutput({ output }: RunView, { terminal }: Pick<Session, 'terminal'>): Promise<void> {
  if (typeof output === 'string') await terminal.print(terminal.interactive ? visible(output) : output);
}

export function tellOutcome(view: RunView, { terminal, now }: Pick<Session, 'terminal' | 'now'>): void {
  terminal.tell(`${view.id} ${statusText(view)}, ${tookText(view, now())}: ${totalsText(view)}`);
  if (view.failure !== undefined) terminal.tell(`${view.failure.message} [${view.failure.code}]`);
  if (view.waitingFor === 'reconciliation') terminal.tell(`An effect's outcome is not known. See which with: runledger show ${view.id}`);
  for (const line of waitingLines(view, [])) terminal.tell(line);
  if (view.status === 'running' || view.status === 'cancelling') terminal.tell(`It goes on. Follow it with: runledger events ${view.id} --follow`);
}
