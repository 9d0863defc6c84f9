/**
 * A decider: the rules of one kind of stream. Both functions are pure. Time, ids and chance arrive in
 * the command; the only thing lent to them is the hash function.
 */
import type { Hash } from './hash.ts';

export interface NewEvent {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}

/** Why a command had no effect. `code` is `noun/reason`; `facts` says what was found and what was expected. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export type Decision<State, Event extends NewEvent> =
  /** `state` is the fold of `events` over the state decided on; it is there already, so nobody folds twice. */
  | { readonly outcome: 'applied'; readonly events: readonly Event[]; readonly state: State }
  /** It has been applied before; the caller gets the same answer again. */
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection };

export interface Decider<State, Command, Event extends NewEvent> {
  /** Changes whenever a snapshot of the state made by an earlier version can no longer be used. */
  readonly version: number;
  readonly initialState: State;
  decide(state: State, command: Command, hash: Hash): Decision<State, Event>;
  /** Total: every event ever written folds, of the current version or through its upcaster. `time` is the transition's. */
  evolve(state: State, event: Event, time: number): State;
}
