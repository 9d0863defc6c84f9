/** A run as clients see it. */
import { z } from 'zod';
import { agentName, chosenKey, runId, tenantId } from './ids.ts';
import { metadata } from './commands.ts';
import { failure } from './outcome.ts';
import { usage } from './message.ts';

/**
 * `running`: something is being done · `waiting`: for input, or for a person about an unknown effect · `paused` ·
 * `cancelling`: the last attempts are being settled · the rest is final.
 */
export const runStatus = z.enum(['running', 'waiting', 'paused', 'cancelling', 'completed', 'failed', 'cancelled', 'expired']);
export type RunStatus = z.infer<typeof runStatus>;
export const FINAL_STATUSES: readonly RunStatus[] = ['completed', 'failed', 'cancelled', 'expired'];

const time = z.iso.datetime();

export const runView = z.strictObject({
  id: runId,
  tenant: tenantId,
  agent: z.strictObject({ name: agentName, version: z.string() }),
  key: chosenKey.optional(),
  status: runStatus,
  /** What a waiting run waits for. */
  waitingFor: z.enum(['input', 'reconciliation']).optional(),
  /** Why it ended: `answer`, `tool`, `input`, `deadline`, `limit/model-calls`, … */
  reason: z.string().optional(),
  failure: failure.optional(),
  /** The last answer of the model, or what ended the run; only where one run is asked for. */
  output: z.string().nullable().optional(),
  metadata: metadata.optional(),
  steps: z.number().int(),
  modelCalls: z.number().int(),
  toolCalls: z.number().int(),
  attempts: z.number().int(),
  usage,
  sequence: z.number().int().describe('Of the last event; the position for events and streams.'),
  startedAt: time,
  updatedAt: time,
  endedAt: time.optional(),
});
export type RunView = z.infer<typeof runView>;
