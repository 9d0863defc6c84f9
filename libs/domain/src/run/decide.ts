/** The rules of a run: what a command does to it, or why it does nothing. */
import { type RunCommand, type RunEvent } from '@runledger/contracts';
import { type Decider, type Decision, type Hash, type Rejection } from '@runledger/event-sourcing';
import { advance } from './advance.ts';
import { canonicalJson } from './canonical.ts';
import { Draft, type RunCommandEnvelope } from './draft.ts';
import { evolve } from './evolve.ts';
import { completeModelCall, completeToolCall, failModelCall, failToolCall, fireTimers, loseAttempts, reconcileEffect } from './results.ts';
import { ABSENT, type Run } from './state.ts';

type Outcome = 'applied' | 'duplicate' | Rejection;
type Of<Type extends RunCommand['type']> = Extract<RunCommand, { type: Type }>;

export function decide(state: Run, envelope: RunCommandEnvelope, hash: Hash): Decision<Run, RunEvent> {
  const draft = new Draft(state, envelope, hash);
  const outcome = outcomeOf(draft, envelope.command);
  if (outcome === 'duplicate') return { outcome };
  if (outcome !== 'applied') return { outcome: 'rejected', rejection: outcome };
  return { outcome, events: draft.events, state: draft.state };
}

function outcomeOf(draft: Draft, command: RunCommand): Outcome {
  if (command.type === 'StartRun') return start(draft, command);
  if (draft.state.status === 'absent') return { code: 'run/unknown', message: `There is no run ${draft.envelope.run}.` };
  switch (command.type) {
    case 'ProvideInput': return provideInput(draft, command);
    case 'CancelRun': return cancel(draft, command);
    case 'PauseRun': return pause(draft, command);
    case 'ResumeRun': return resume(draft);
    case 'ReconcileEffect': return reconcile(draft, command);
    case 'CompleteModelCall': return completeModelCall(draft, command) as Outcome;
    case 'FailModelCall': return failModelCall(draft, command) as Outcome;
    case 'CompleteToolCall': return completeToolCall(draft, command) as Outcome;
    case 'FailToolCall': return failToolCall(draft, command) as Outcome;
    case 'LoseAttempts': return loseAttempts(draft, command.attempts) as Outcome;
    case 'FireTimers': return fireTimers(draft) as Outcome;
  }
}

function start(draft: Draft, command: Of<'StartRun'>): Outcome {
  const { agent, briefing, input, key, metadata } = command;
  const requestDigest = draft.hash(canonicalJson({ agent: agent.name, input, metadata: metadata ?? {} }));
  const { state } = draft;
  if (state.status !== 'absent') {
    if (state.requestDigest === requestDigest) return 'duplicate';
    return { code: 'run/key-reused', message: `${key === undefined ? `Run ${draft.envelope.run}` : `The key ${JSON.stringify(key)}`} stands for a run with another agent, input or metadata. Send what was sent then, or choose another key.` };
  }
  const { deadlineMs } = agent.limits;
  draft.emit('RunStarted', {
    agent, briefing: draft.content(briefing), input: draft.content(input), ...(key === undefined ? {} : { key }), ...(metadata === undefined ? {} : { metadata }),
    requestDigest, ...(deadlineMs === undefined ? {} : { deadlineAt: draft.time + deadlineMs }),
  });
  advance(draft);
  return 'applied';
}

function provideInput(draft: Draft, command: Of<'ProvideInput'>): Outcome {
  const run = draft.active;
  if (draft.state.status !== 'absent' && draft.state.inputIds.includes(command.inputId)) return 'duplicate';
  const refused = notTaking(draft);
  if (refused !== undefined) return refused;
  if (run === undefined) return 'duplicate';
  if (run.queued.some((input) => input.final)) return { code: 'run/ended', message: `Run ${draft.envelope.run} has its last input, and is complete after the turn under way. Start another run.` };
  if (run.agent.turns === 'single') return { code: 'run/single-turn', message: `Agent ${run.agent.name} answers once: its runs take no input after the first. Start another run, or declare the agent with turns: 'many'.` };
  if (run.counts.inputs >= run.agent.limits.inputsMax) return { code: 'run/inputs-exceeded', message: `The run has taken ${run.counts.inputs} inputs; agent ${run.agent.name} allows ${run.agent.limits.inputsMax}.` };
  draft.emit('InputReceived', { input: draft.content(command.input), inputId: command.inputId, ...(command.final === true ? { final: true } : {}) });
  advance(draft);
  return 'applied';
}

function cancel(draft: Draft, command: Of<'CancelRun'>): Outcome {
  if (draft.active?.ending !== undefined) return 'duplicate';
  if (draft.state.status === 'cancelled') return 'duplicate';
  const refused = notTaking(draft);
  if (refused !== undefined) return refused;
  draft.emit('RunCancelled', command.reason === undefined ? {} : { reason: command.reason });
  return 'applied';
}

function pause(draft: Draft, command: Of<'PauseRun'>): Outcome {
  const refused = notTaking(draft);
  if (refused !== undefined) return refused;
  if (draft.active?.paused === true) return 'duplicate';
  draft.emit('RunPaused', command.reason === undefined ? {} : { reason: command.reason });
  return 'applied';
}

function resume(draft: Draft): Outcome {
  const refused = notTaking(draft);
  if (refused !== undefined) return refused;
  if (draft.active?.paused !== true) return { code: 'run/not-paused', message: `Run ${draft.envelope.run} is not paused.` };
  draft.emit('RunResumed', {});
  advance(draft);
  return 'applied';
}

function reconcile(draft: Draft, command: Of<'ReconcileEffect'>): Outcome {
  const { step, outcome } = command;
  if (reconcileEffect(draft, step, outcome)) return 'applied';
  return { code: 'effect/not-unknown', message: `Step ${step} of run ${draft.envelope.run} is not an effect whose outcome is unknown.` };
}

/** Why a run takes no more commands from outside; undefined if it does. */
function notTaking(draft: Draft): Rejection | undefined {
  const { state } = draft;
  if (state.status === 'absent') return undefined;
  if (state.status !== 'active') return { code: 'run/ended', message: `Run ${draft.envelope.run} has ended: ${state.status} (${state.reason}).` };
  return state.ending === undefined ? undefined : { code: 'run/cancelling', message: `Run ${draft.envelope.run} is being stopped (${state.ending.reason}).` };
}

export const runDecider: Decider<Run, RunCommandEnvelope, RunEvent> = { version: 1, initialState: ABSENT, decide, evolve };
