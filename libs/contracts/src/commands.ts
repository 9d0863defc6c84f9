/** What may be asked of a run. Commands from outside come through the inbox; results and timers come from the platform itself. */
import { z } from 'zod';
import { agentBriefing, agentPolicy } from './agent.ts';
import { chosenKey, runId, tenantId } from './ids.ts';
import { assistantContent, usage } from './message.ts';
import { failure } from './outcome.ts';

export const COMMAND_SCHEMA = 'runledger.command.v1';
export const INPUT_CHARACTERS_MAX = 200_000;

export const inputText = z.string().min(1).max(INPUT_CHARACTERS_MAX);
export const metadata = z.record(z.string().min(1).max(64), z.union([z.string().max(1000), z.number(), z.boolean()])).refine((m) => Object.keys(m).length <= 32, 'at most 32 attributes').meta({ maxProperties: 32 });
export type Metadata = z.infer<typeof metadata>;
const reason = z.string().max(1000);

export const startRun = z.strictObject({
  type: z.literal('StartRun'),
  agent: agentPolicy,
  briefing: agentBriefing,
  input: inputText,
  /** The id or idempotency key that the run's id was made from. */
  key: chosenKey.optional(),
  metadata: metadata.optional(),
});
/** With `final` the input is the last word: it is recorded, and the run completes without another model call. */
export const provideInput = z.strictObject({ type: z.literal('ProvideInput'), input: inputText, inputId: chosenKey, final: z.boolean().optional() });
export const cancelRun = z.strictObject({ type: z.literal('CancelRun'), reason: reason.optional() });
export const pauseRun = z.strictObject({ type: z.literal('PauseRun'), reason: reason.optional() });
export const resumeRun = z.strictObject({ type: z.literal('ResumeRun') });
/** A person or a reconciler says what became of an effect whose outcome was not known. */
export const reconcileEffect = z.strictObject({
  type: z.literal('ReconcileEffect'),
  step: z.number().int().positive(),
  outcome: z.discriminatedUnion('applied', [z.strictObject({ applied: z.literal(true), output: z.string() }), z.strictObject({ applied: z.literal(false), reason })]),
});

/** What the inbox takes. */
export const clientCommand = z.discriminatedUnion('type', [startRun, provideInput, cancelRun, pauseRun, resumeRun, reconcileEffect]);
export type ClientCommand = z.infer<typeof clientCommand>;

const attempt = { step: z.number().int().positive(), attempt: z.number().int().positive() };
const latencyMs = z.number().nonnegative();

export const completeModelCall = z.strictObject({ type: z.literal('CompleteModelCall'), ...attempt, message: assistantContent, usage, latencyMs, model: z.string().max(200).optional() });
export const failModelCall = z.strictObject({ type: z.literal('FailModelCall'), ...attempt, failure, usage: usage.optional(), latencyMs, jitter: z.number().min(0).max(1) });
export const completeToolCall = z.strictObject({ type: z.literal('CompleteToolCall'), ...attempt, output: z.string(), latencyMs });
/** `outcomeUnknown`: the call may have had its effect; left out, it may where the class is `timeout` or `effect_unknown`. `jitter` spreads a retry, 0–1. */
export const failToolCall = z.strictObject({ type: z.literal('FailToolCall'), ...attempt, failure, outcomeUnknown: z.boolean().optional(), latencyMs, jitter: z.number().min(0).max(1) });
/** The owner says that these attempts will bring no result: their worker is gone. */
export const loseAttempts = z.strictObject({ type: z.literal('LoseAttempts'), attempts: z.array(z.strictObject(attempt)).min(1) });
export const fireTimers = z.strictObject({ type: z.literal('FireTimers') });

export const ownerCommand = z.discriminatedUnion('type', [completeModelCall, failModelCall, completeToolCall, failToolCall, loseAttempts, fireTimers]);
export type OwnerCommand = z.infer<typeof ownerCommand>;
export type RunCommand = ClientCommand | OwnerCommand;

/** The last ms that RFC 3339 can write. Times reckoned from it are still whole numbers. */
export const TIME_MAX = 253_402_300_799_999;

/** A record of the inbox. `id` is unique; `time` in ms since 1970 by the producer's clock; `actor` says who asks. */
export const commandRecord = z.strictObject({
  schema: z.literal(COMMAND_SCHEMA),
  id: chosenKey,
  tenant: tenantId,
  run: runId,
  time: z.number().int().nonnegative().max(TIME_MAX),
  actor: z.string().min(1).max(200),
  trace: z.string().max(100).optional(),
  command: clientCommand,
});
export type CommandRecord = z.infer<typeof commandRecord>;
