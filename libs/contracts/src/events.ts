/**
 * The events of a run. A released shape never changes: a new shape is a new version, with an upcaster.
 * Steps count model calls and tool calls of a run from 1; an attempt is one try of a step, from 1.
 */
import { z } from 'zod';
import { agentBriefingContent, agentPolicy, effect } from './agent.ts';
import { metadata } from './commands.ts';
import { chosenKey } from './ids.ts';
import { assistantMessageContent, textContent, usage } from './message.ts';
import { failure } from './outcome.ts';

const step = z.number().int().positive();
const attempt = z.number().int().positive();
const at = z.number().int().nonnegative().describe('ms since 1970');
const latencyMs = z.number().nonnegative();
const reason = z.string().max(1000);
const digest = z.string().length(43);
const reconciledOutcome = z.discriminatedUnion('applied', [z.strictObject({ applied: z.literal(true), output: textContent }), z.strictObject({ applied: z.literal(false), output: textContent, reason })]);

/** A call that a model asked for, as far as the rules need it; the arguments stand in the message. */
export const requestedCall = z.strictObject({
  id: z.string().min(1).max(200),
  tool: z.string().min(1).max(200),
  /** Digest of the arguments' meaning; for tools with an effect. */
  argumentsDigest: digest.optional(),
});

export const EVENT_SCHEMAS = {
  RunStarted: z.strictObject({
    agent: agentPolicy,
    briefing: agentBriefingContent,
    input: textContent,
    key: chosenKey.optional(),
    metadata: metadata.optional(),
    /** Of agent, input and metadata: the same key with another request is refused. */
    requestDigest: digest,
    deadlineAt: at.optional(),
  }),
  InputReceived: z.strictObject({ input: textContent, inputId: chosenKey, final: z.literal(true).optional() }),
  InputRequested: z.strictObject({}),
  /** The call sees the first `messages` messages of the transcript, whose rolling digest is `context`. */
  ModelCallRequested: z.strictObject({ step, attempt, model: z.string(), messages: z.number().int().positive(), context: digest, deadlineAt: at }),
  ModelCallCompleted: z.strictObject({ step, attempt, message: assistantMessageContent, calls: z.array(requestedCall).optional(), usage, latencyMs, model: z.string().optional() }),
  ModelCallFailed: z.strictObject({ step, attempt, failure, usage: usage.optional(), latencyMs }),
  /** `message` and `call` say where the arguments stand: the call's place in that assistant message. */
  ToolCallRequested: z.strictObject({
    step,
    attempt,
    tool: z.string(),
    message: digest,
    call: z.number().int().nonnegative(),
    effect,
    key: digest.optional(),
    /** The step with an equal call under way, whose outcome this one takes. */
    joins: step.optional(),
    deadlineAt: at,
  }),
  /** The claim of an effect: from here on, its outcome may be unknown. */
  ToolCallDispatched: z.strictObject({ step, attempt, worker: z.string() }),
  ToolCallCompleted: z.strictObject({ step, attempt, output: textContent, latencyMs }),
  /** `output` is what the model is told. `outcomeUnknown`, of idempotent effects: it may have happened all the same, so the next equal call keeps the key. */
  ToolCallFailed: z.strictObject({ step, attempt, failure, output: textContent.optional(), latencyMs, outcomeUnknown: z.literal(true).optional() }),
  /** Refused before anything was done. `output` is what the model is told. */
  ToolCallDenied: z.strictObject({ step, tool: z.string(), message: digest, call: z.number().int().nonnegative(), code: z.string(), output: textContent }),
  /** The attempt will bring no result: its worker is gone. */
  AttemptLost: z.strictObject({ step, attempt }),
  RetryScheduled: z.strictObject({ step, attempt, failure, at }),
  TimerFired: z.strictObject({ timer: z.enum(['deadline', 'attempt', 'retry']), step: step.optional() }),
  EffectUnknown: z.strictObject({ step, attempt, reason }),
  EffectReconciled: z.strictObject({ step, by: z.enum(['person', 'late-result']), outcome: reconciledOutcome }),
  /** A result of an attempt that nobody waits for any more: its cost counts, its content does not. */
  LateResultRecorded: z.strictObject({ step, attempt, usage: usage.optional() }),
  RunPaused: z.strictObject({ reason: reason.optional() }),
  RunResumed: z.strictObject({}),
  RunCancelled: z.strictObject({ reason: reason.optional() }),
  RunCompleted: z.strictObject({ reason: z.enum(['answer', 'tool', 'input']), output: digest.optional() }),
  RunFailed: z.strictObject({ reason: z.string(), failure }),
  RunExpired: z.strictObject({ reason: z.enum(['deadline']) }),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export const EVENT_TYPES = Object.keys(EVENT_SCHEMAS) as EventType[];

/** The version of each event that is written now. */
export const EVENT_VERSIONS: Record<EventType, number> = Object.fromEntries(EVENT_TYPES.map((type) => [type, 1])) as Record<EventType, number>;

export type EventData<Type extends EventType> = z.infer<(typeof EVENT_SCHEMAS)[Type]>;
export type RunEvent = { [Type in EventType]: { readonly type: Type; readonly version: number; readonly data: EventData<Type> } }[EventType];
/** A run event as it lies in the log. */
export type StoredRunEvent = RunEvent & { readonly hash: string; readonly id: string; readonly sequence: number };

/** Checks an event before it is written. Throws a ZodError, which is a defect of the decider. */
export function checkEvent(event: RunEvent): void {
  EVENT_SCHEMAS[event.type].parse(event.data);
}
