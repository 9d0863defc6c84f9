/** The run in a few labelled lines, and what it waits for. */
import type { RunView } from '@runledger/sdk';
import { chosenKeyOf } from '../runs/own-key.ts';
import { clock, counted, duration, tokensInWords } from '../terminal/quantities.ts';
import type { Style, Terminal } from '../terminal/terminal.ts';
import { padEnd, shortened } from '../terminal/text.ts';
import type { Step } from './entries.ts';

const LABEL_CELLS = 10;
/** Longer ones are for `--json`. */
const TEXT_CELLS_MAX = 2000;

export function headerLines(run: RunView, now: number, { style }: Pick<Terminal, 'style'>): string[] {
  const rows: [label: string, text: string | undefined, paint?: (text: string) => string][] = [
    ['Run', run.id, style.bold],
    ['Agent', `${run.agent.name}@${run.agent.version}`],
    ['Status', statusText(run), paintOfRun(run, style)],
    ['Failure', run.failure && `[${run.failure.class}] ${run.failure.message} (${run.failure.code}, ${run.failure.origin})`],
    ['Key', chosenKeyOf(run)],
    ['Metadata', run.metadata && Object.entries(run.metadata).map(([name, value]) => `${name}=${value}`).join(' ')],
    ['Started', `${clock(run.startedAt)}, ${tookText(run, now)}`],
    ['Totals', totalsText(run)],
  ];
  return rows.flatMap(([label, text, paint = String]) => (text === undefined ? [] : [style.dim(padEnd(label, LABEL_CELLS)) + paint(shortened(text, TEXT_CELLS_MAX))]));
}

/** `completed (answer)`, `waiting for input` */
export function statusText({ status, waitingFor, reason }: Pick<RunView, 'status' | 'waitingFor' | 'reason'>): string {
  if (waitingFor !== undefined) return `${status} for ${waitingFor}`;
  return reason === undefined ? status : `${status} (${reason})`;
}

export function paintOfRun({ status }: Pick<RunView, 'status'>, style: Style): (text: string) => string {
  switch (status) {
    case 'completed': return style.green;
    case 'failed':
    case 'cancelled':
    case 'expired': return style.red;
    case 'waiting':
    case 'paused':
    case 'cancelling': return style.yellow;
    case 'running': return style.cyan;
  }
}

export function tookText({ startedAt, endedAt }: Pick<RunView, 'startedAt' | 'endedAt'>, now: number): string {
  const began = Date.parse(startedAt);
  return endedAt === undefined ? `${duration(now - began)} so far` : `took ${duration(Date.parse(endedAt) - began)}`;
}

export function totalsText(run: RunView): string {
  const calls = `${counted(run.modelCalls, 'model call')}, ${counted(run.toolCalls, 'tool call')}`;
  return `${counted(run.steps, 'step')} (${calls}), ${counted(run.attempts, 'attempt')} · ${tokensInWords(run.usage)}`;
}

/** What a person can do for a run that waits; none if it does not. */
export function waitingLines({ id, status, waitingFor }: Pick<RunView, 'id' | 'status' | 'waitingFor'>, unsettled: readonly Step[]): string[] {
  if (status === 'paused') return [`Go on with: runledger resume ${id}`];
  if (waitingFor === 'input') return [`Answer with: runledger input ${id} --input TEXT`];
  if (waitingFor !== 'reconciliation') return [];
  return unsettled.filter((step) => step.status === 'unknown').map(({ step, name }) => `Look what became of step ${step} (${name}), and say it: runledger reconcile ${id} ${step} --applied OUTPUT | --not-applied REASON`);
}
