/** Whether work can be taken: every part that work cannot do without is ready. */
import { type readiness } from '@runledger/contracts';
import { type z } from 'zod';
import { type Answer } from '../api/answer.ts';

export interface PartReadiness {
  readonly ready: boolean;
  readonly detail?: string;
  /** Without it no work is taken; a part that is not required is only told of. */
  readonly required: boolean;
}

export type Readiness = () => Readonly<Record<string, PartReadiness>>;

export function readinessAnswer(parts: ReturnType<Readiness>): Answer<z.infer<typeof readiness>> {
  const ready = Object.values(parts).every((part) => part.ready || !part.required);
  const told = Object.entries(parts).map(([name, part]) => [name, { ready: part.ready, ...(part.detail === undefined ? {} : { detail: part.detail }) }] as const);
  return { status: ready ? 200 : 503, body: { ready, parts: Object.fromEntries(told) } };
}
