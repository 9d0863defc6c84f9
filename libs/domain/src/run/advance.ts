/** What a run does next, once nothing holds it: the agent loop. */
import { type Failure } from '@runledger/contracts';
import { type Draft } from './draft.ts';
import { withQueuedSaid } from './evolve.ts';
import { type ActiveRun, type TurnCall } from './state.ts';
import { entriesOf } from './transcript.ts';

/** Requests calls, asks for input, or ends the run. Does nothing while the run is paused, is being stopped, or has work under way. */
export function advance(draft: Draft): void {
  const run = draft.active;
  if (run === undefined || run.paused || run.ending !== undefined) return;
  if (run.turn !== undefined && run.turn.calls.some((call) => call.step === undefined)) requestToolCalls(draft, run);
  const next = draft.active;
  if (next === undefined || next.open.length > 0) return;
  if (next.turn !== undefined) return draft.emit('RunCompleted', { reason: 'tool', ...output(next) });
  if (next.queued.some((input) => input.final)) return draft.emit('RunCompleted', { reason: 'input', ...output(next) });
  if (next.queued.length === 0 && next.transcript?.entry.role === 'assistant') return answered(draft, next);
  requestModelCall(draft, next);
}

function answered(draft: Draft, run: ActiveRun): void {
  if (run.agent.turns === 'single') draft.emit('RunCompleted', { reason: 'answer', ...output(run) });
  else if (!run.awaitingInput) draft.emit('InputRequested', {});
}

const output = (run: ActiveRun) => (run.answer === undefined ? {} : { output: run.answer.hash });

function requestModelCall(draft: Draft, waiting: ActiveRun): void {
  const run = withQueuedSaid(waiting);
  const { limits, model } = run.agent;
  if (run.counts.modelCalls >= limits.modelCallsMax) return failLimit(draft, 'limit/model-calls', `The agent allows ${limits.modelCallsMax} model calls in a run.`);
  if (run.counts.steps >= limits.stepsMax) return failLimit(draft, 'limit/steps', `The agent allows ${limits.stepsMax} steps in a run.`);
  const messages = run.transcript?.length ?? 0;
  const said = entriesOf(run.transcript, run.context.messages).map((entry) => `${entry.role} ${entry.hash} ${entry.callId ?? ''}`);
  draft.emit('ModelCallRequested', {
    step: run.counts.steps + 1, attempt: 1, model: model.name, messages,
    context: draft.hash([run.context.digest, ...said].join('\n')), deadlineAt: draft.time + limits.modelTimeoutMs,
  });
}

function requestToolCalls(draft: Draft, run: ActiveRun): void {
  const { limits } = run.agent;
  const calls = run.turn?.calls ?? [];
  if (calls.length > limits.toolCallsPerTurnMax) return failLimit(draft, 'limit/tool-calls-per-turn', `The model asked for ${calls.length} tool calls at once; the agent allows ${limits.toolCallsPerTurnMax}.`);
  if (run.counts.toolCalls + calls.length > limits.toolCallsMax) return failLimit(draft, 'limit/tool-calls', `The agent allows ${limits.toolCallsMax} tool calls in a run.`);
  if (run.counts.steps + calls.length > limits.stepsMax) return failLimit(draft, 'limit/steps', `The agent allows ${limits.stepsMax} steps in a run.`);
  calls.forEach((call, index) => {
    if (call.step === undefined) requestToolCall(draft, call, index);
  });
}

function requestToolCall(draft: Draft, call: TurnCall, index: number): void {
  const run = draft.active;
  if (run?.turn === undefined) return;
  const { message } = run.turn;
  const step = run.counts.steps + 1;
  const policy = run.agent.tools.find((tool) => tool.name === call.tool);
  if (policy === undefined) {
    const text = run.agent.unknownToolText.replaceAll('{tool}', () => call.tool);
    return draft.emit('ToolCallDenied', { step, tool: call.tool, message, call: index, code: 'tool/unknown', output: draft.content(text) });
  }
  const equal = call.argumentsDigest === undefined ? undefined : run.effects[call.argumentsDigest];
  const joins = policy.repeatable === true ? undefined : equal?.openStep;
  const key = call.argumentsDigest === undefined ? undefined : effectKey(draft, call, (equal?.recorded ?? 0) + (policy.repeatable === true ? openEqual(run, call) : 0));
  draft.emit('ToolCallRequested', {
    step, attempt: 1, tool: call.tool, message, call: index, effect: policy.effect,
    ...(key === undefined ? {} : { key }), ...(joins === undefined ? {} : { joins }), deadlineAt: draft.time + policy.timeoutMs,
  });
  if (policy.effect !== 'none' && joins === undefined) draft.emit('ToolCallDispatched', { step, attempt: 1, worker: draft.envelope.worker });
}

/** Repeatable calls under way with the same arguments: each needs a key of its own. */
function openEqual(run: ActiveRun, call: TurnCall): number {
  return run.open.filter((open) => open.kind === 'tool' && run.turn?.calls[open.call]?.argumentsDigest === call.argumentsDigest).length;
}

/** The same for every attempt of a call, another for every honest repeat of it. */
function effectKey(draft: Draft, call: TurnCall, recorded: number): string {
  return draft.hash(['runledger.effect', draft.envelope.tenant, draft.envelope.run, call.tool, call.argumentsDigest ?? '', String(recorded)].join('\n'));
}

function failLimit(draft: Draft, reason: string, message: string): void {
  const failure: Failure = { class: 'policy_denied', origin: 'policy', code: reason, message };
  draft.emit('RunFailed', { reason, failure });
}
