/** How a task reaches a worker and its result comes back. A result counts only once it is in the log. */
import { type OwnerCommand } from '@runledger/contracts';
import { type Task } from '../tasks.ts';

/** A result on its way to the owner of its run. */
export interface ResultMessage {
  readonly tenant: string;
  readonly run: string;
  readonly command: OwnerCommand;
}

export interface Lane {
  /** Names the worker side, for the record of a claim. */
  readonly worker: string;
  /** Called once, before the first dispatch. */
  open(onResult: (result: ResultMessage) => void): void;
  /** The attempt stands in the log, accepted. Never blocks; what cannot start yet waits here. */
  dispatch(task: TaskOrder): void;
  /** The attempt was handed to this lane and has not ended: a result may still come from here. */
  holds(run: string, step: number, attempt: number): boolean;
  /** Nobody waits for the attempt any more. */
  abandon(run: string, step: number, attempt: number): void;
  /** Takes no more tasks, aborts what is under way, and resolves once it is quiet or `graceMs` have passed. */
  close(graceMs: number): Promise<void>;
}

/** A task without its signal, which the lane adds. */
export type TaskOrder = WithoutSignal<Task>;
type WithoutSignal<T> = T extends unknown ? Omit<T, 'signal'> : never;
