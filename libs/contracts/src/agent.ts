/** What an agent is, as far as the platform has to know it: pinned in the run's first event, so that a run never changes its rules. */
import { z } from 'zod';
import { agentName } from './ids.ts';
import { contentOf } from './message.ts';

/** What a call does to the world: nothing; something that its key makes safe to repeat; something that must not be repeated. */
export const effect = z.enum(['none', 'idempotent', 'once']);
export type Effect = z.infer<typeof effect>;

const ms = z.number().int().positive();

export const toolPolicy = z.strictObject({
  name: z.string().min(1).max(64),
  version: z.string().min(1).max(64).describe('Digest of the declaration.'),
  effect,
  timeoutMs: ms.max(86_400_000),
  /** After a turn in which such a tool succeeded, the run is complete. */
  endsRun: z.literal(true).optional(),
  /** Equal calls at the same time are each carried out, instead of joining the first. */
  repeatable: z.literal(true).optional(),
});
export type ToolPolicy = z.infer<typeof toolPolicy>;

export const limits = z.strictObject({
  modelCallsMax: z.number().int().positive().max(100_000),
  stepsMax: z.number().int().positive().max(1_000_000),
  toolCallsPerTurnMax: z.number().int().positive().max(1000),
  toolCallsMax: z.number().int().positive().max(1_000_000),
  inputsMax: z.number().int().positive().max(10_000),
  /** Tries of one step that failed with a class that is retried. */
  attemptsMax: z.number().int().positive().max(100),
  modelTimeoutMs: ms.max(86_400_000),
  /** From the start of the run, ten years at most; none if left out. */
  deadlineMs: ms.max(315_360_000_000).optional(),
});
export type Limits = z.infer<typeof limits>;

export const modelPolicy = z.strictObject({
  provider: z.string().min(1).max(64),
  name: z.string().min(1).max(200),
  temperature: z.number().min(0).max(2).optional(),
  outputTokensMax: z.number().int().positive().optional(),
});
export type ModelPolicy = z.infer<typeof modelPolicy>;

/** A tool as the model is told of it. `inputSchema` is JSON Schema 2020-12. */
export const toolDeclaration = z.strictObject({
  name: z.string().min(1).max(64),
  description: z.string().max(10_000),
  inputSchema: z.record(z.string(), z.unknown()),
});
export type ToolDeclaration = z.infer<typeof toolDeclaration>;

export const agentPolicy = z.strictObject({
  name: agentName,
  version: z.string().min(1).max(64).describe('Digest of the whole bundle.'),
  turns: z.enum(['single', 'many']),
  model: modelPolicy,
  tools: z.array(toolPolicy).max(500),
  limits,
  /** What the model is told when it calls a tool that the agent has not; `{tool}` stands for the name. */
  unknownToolText: z.string().max(500),
});
export type AgentPolicy = z.infer<typeof agentPolicy>;

/** The agent's words: content of the run's first event. */
export const agentBriefing = z.strictObject({
  instructions: z.string(),
  tools: z.array(toolDeclaration),
});
export type AgentBriefing = z.infer<typeof agentBriefing>;
export const agentBriefingContent = contentOf(agentBriefing);
