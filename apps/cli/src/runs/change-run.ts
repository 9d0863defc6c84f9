/** Commands to a run that exists: its next input, cancel, pause, resume, and what became of an unknown effect. */
import type { Client, RunAccepted } from '@runledger/sdk';
import { EXIT, UsageError, type ExitCode } from '../program/exit-codes.ts';
import { printJson, type Session } from '../program/session.ts';
import { awaitAndTell } from './await-run.ts';
import { ownKey } from './own-key.ts';
import { readInput, readText } from './read-text.ts';

export interface JsonOption {
  readonly json?: boolean;
}

export interface InputOptions extends JsonOption {
  readonly input: string;
  readonly final?: boolean;
  readonly id?: string;
  readonly wait?: number;
}

export interface ReconcileOptions extends JsonOption {
  readonly applied?: string;
  readonly notApplied?: string;
}

export async function giveInput(client: Client, run: string, options: InputOptions, session: Session): Promise<ExitCode> {
  const { terminal, signal } = session;
  const input = await readInput(options.input, session);
  const id = options.id ?? ownKey(session);
  const accepted = await client.runs.input(run, { input, id, ...(options.final === true && { final: true }) }, { signal });
  if (accepted.duplicate === true) terminal.tell(`The run has taken the input ${id} already; nothing was changed.`);
  if (options.wait !== undefined) return awaitAndTell(client, accepted.id, { wait: options.wait, json: options.json }, session);
  return printAccepted(accepted, options, session);
}

export async function changeRun(client: Client, change: 'cancel' | 'pause' | 'resume', run: string, options: JsonOption & { readonly reason?: string }, session: Session): Promise<ExitCode> {
  const { signal } = session;
  const accepted = change === 'resume' ? await client.runs.resume(run, { signal }) : await client.runs[change](run, options.reason, { signal });
  return printAccepted(accepted, options, session);
}

export async function reconcileEffect(client: Client, run: string, step: number, options: ReconcileOptions, session: Session): Promise<ExitCode> {
  const { applied, notApplied } = options;
  if ((applied === undefined) === (notApplied === undefined)) throw new UsageError('Say what became of the effect, with one of --applied OUTPUT and --not-applied REASON.');
  const outcome = applied === undefined ? { applied: false as const, reason: notApplied ?? '' } : { applied: true as const, output: await readText(applied, 'output', session) };
  return printAccepted(await client.runs.reconcileEffect(run, step, outcome, { signal: session.signal }), options, session);
}

async function printAccepted(accepted: RunAccepted, { json }: JsonOption, session: Session): Promise<ExitCode> {
  if (json === true) await printJson(session, accepted);
  else await session.terminal.print(`${accepted.id}  ${accepted.status}${accepted.duplicate === true ? '  (as it was before)' : ''}`);
  return EXIT.ok;
}
