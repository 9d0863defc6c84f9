/**
 * What model and tool answer in every measurement and on every engine: at once, and for the same step of the same run the
 * same text of about 400 bytes of JSON. So only the orchestration is measured.
 *
 * Settings: BENCH_STUB_MS, how long each call takes (default 0: no timer is set) · BENCH_EXECUTIONS, a file to which each
 * execution is appended before it works, so that executions outlive the process and can be counted from outside.
 */
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export const TURNS = 10;
/** A model call and a tool call in each turn. */
export const STEPS = 2 * TURNS;

const { BENCH_STUB_MS = '0', BENCH_EXECUTIONS } = process.env;
const workMs = Number(BENCH_STUB_MS);
const executions = BENCH_EXECUTIONS === undefined ? undefined : openSync(BENCH_EXECUTIONS, 'a');
const FILLER = 'Sphinx of black quartz, judge my vow. '.repeat(6);

export interface ModelAnswer {
  readonly text: string;
  /** Left out in an answer that ends the run by itself. */
  readonly call?: { readonly id: string; readonly tool: string; readonly arguments: string };
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** Step 1 is the first turn's model call, step 2 its tool call, and so on. */
export async function askModel(run: string, step: number, steps: number = STEPS): Promise<ModelAnswer> {
  await execute(run, step);
  return modelAnswer(run, step, steps);
}

export async function callTool(run: string, step: number): Promise<object> {
  await execute(run, step);
  return toolAnswer(run, step);
}

export function modelAnswer(run: string, step: number, steps: number): ModelAnswer {
  const text = `At step ${step} of ${run} there is something to look up. ${FILLER}`;
  const usage = { inputTokens: 100 + step, outputTokens: 20 };
  if (step === steps) return { text, usage };
  return { text, call: { id: `call_${step}`, tool: step + 1 === steps ? 'conclude' : 'lookup', arguments: JSON.stringify({ query: `q${step}` }) }, usage };
}

export function toolAnswer(run: string, step: number): object {
  return { step, run, found: true, text: FILLER, rows: [{ key: 'a', value: step }, { key: 'b', value: step + 1 }, { key: 'c', value: step + 2 }] };
}

/** One line per execution: run, step, ms since 1970. */
async function execute(run: string, step: number): Promise<void> {
  if (executions !== undefined) writeSync(executions, `${run} ${step} ${Date.now()}\n`);
  if (workMs > 0) await sleep(workMs);
}
