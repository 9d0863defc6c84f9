/** What the engine is lent by its surroundings, so that a simulator can lend it other ones. */
import { type Hash, type Inbox, type Log, type RunIndex } from '@runledger/event-sourcing';
import { type Lane } from './lanes/lane.ts';

export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Runs `callback` once, not before `delayMs` have passed. Returns the way to call it off. */
  after(delayMs: number, callback: () => void): () => void;
  /** Runs `callback` when what has come in by now has been taken in (setImmediate). */
  soon(callback: () => void): void;
}

export interface EngineParts {
  readonly log: Log;
  readonly inbox: Inbox;
  readonly index: RunIndex;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly hash: Hash;
  /** 26 characters of 0-9a-v, never the same twice. */
  readonly newId: () => string;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** For people: what happened to a partition, and what to do. Never called per command or event. */
  readonly report: (line: EngineReport) => void;
}

export interface EngineReport {
  readonly level: 'info' | 'warn' | 'error';
  readonly code: string;
  readonly message: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface EngineLimits {
  /** Commands from clients that may wait for a decision. */
  readonly queueMax: number;
  /** Per write. */
  readonly commandsPerWriteMax: number;
  readonly bytesPerWriteMax: number;
  /** Records after which the run index is brought up to date at once, and the time after which it is anyway. */
  readonly indexEveryRecords: number;
  readonly indexEveryMs: number;
  /** Events of a run after which it gets its first snapshot while it is busy; later ones come at doubling distances. */
  readonly snapshotEveryEvents: number;
}

export const DEFAULT_LIMITS: EngineLimits = {
  queueMax: 20_000,
  commandsPerWriteMax: 1_000,
  bytesPerWriteMax: 900_000,
  indexEveryRecords: 5_000,
  indexEveryMs: 250,
  snapshotEveryEvents: 20,
};
