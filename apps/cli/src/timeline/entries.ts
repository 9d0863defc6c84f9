/** What a timeline consists of, in the order in which it began. This is also what `show --json` prints. */
import type { Effect, Failure, Usage } from '@runledger/sdk';

/**
 * `open`: under way · `retry`: failed, and tried again later · `lost`: its worker is gone · `unknown`: nobody knows whether
 * the effect took place · `denied`: refused before anything was done · `applied`, `not applied`: unknown at first, then reconciled.
 */
export type StepStatus = 'open' | 'retry' | 'ok' | 'failed' | 'lost' | 'unknown' | 'denied' | 'applied' | 'not applied';

export interface Attempt {
  attempt: number;
  status: 'open' | 'ok' | 'failed' | 'lost' | 'unknown';
  requestedAt: string;
  worker?: string;
  latencyMs?: number;
  failure?: Failure;
  /** Why its outcome is not known. */
  unknown?: string;
  /** When the attempt after it begins; ms since 1970. */
  retryAt?: number;
  /** When it failed. */
  failedAt?: string;
  /** Its result came when nobody waited for it any more. */
  late?: { usage?: Usage };
}

interface StepEntry {
  step: number;
  name: string;
  status: StepStatus;
  attempts: Attempt[];
  latencyMs?: number;
}

export interface ModelStep extends StepEntry {
  kind: 'model';
  /** Over all attempts. */
  usage?: Usage;
  /** The model that answered, where it is another than asked. */
  answeredBy?: string;
  text?: string | null;
  calls?: { tool: string; arguments: string }[];
}

export interface ToolStep extends StepEntry {
  kind: 'tool';
  effect?: Effect;
  /** The step whose outcome this one takes. */
  joins?: number;
  arguments?: string;
  output?: string;
  /** Why it was denied. */
  code?: string;
  reconciled?: { by: 'person' | 'late-result'; reason?: string };
}

export type Step = ModelStep | ToolStep;

export interface InputEntry {
  kind: 'input';
  at: string;
  text: string;
  final?: true;
}

/** Something about the run as a whole. `end` says that it is its last word. */
export interface NoteEntry {
  kind: 'note' | 'end';
  at: string;
  what: string;
  /** The worse, the louder. */
  tone: 'good' | 'plain' | 'bad';
}

export type Entry = Step | InputEntry | NoteEntry;

/** What an event changed, for those who watch. */
export type Change =
  | { readonly what: 'nothing' }
  | { readonly what: 'entry'; readonly entry: InputEntry | NoteEntry }
  | { readonly what: 'settled'; readonly step: Step }
  | { readonly what: 'attempt' | 'retry'; readonly step: Step; readonly attempt: Attempt };

export const NOTHING: Change = { what: 'nothing' };
