/** A command on its way through the commit loop, and how it ended. */
import { type RunCommandEnvelope } from '@runledger/domain';
import { type Rejection, type StoredRecord } from '@runledger/event-sourcing';

export type CommandOutcome =
  | { readonly outcome: 'applied' | 'duplicate'; readonly sequence: number }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection };

export interface Pending {
  readonly partition: number;
  /** Undefined for a record of the inbox that cannot be read: it is buried. */
  readonly envelope: Omit<RunCommandEnvelope, 'worker'> | undefined;
  /** Where it stands in the inbox; undefined for what the platform tells itself. */
  readonly inbox?: { readonly record: StoredRecord; readonly unreadable?: string };
  /** Called once, after the record that says so has been accepted. */
  readonly settle?: (outcome: CommandOutcome) => void;
}

/** A command with what was decided about it; it has ended once the batch is accepted. */
export interface DecidedCommand {
  readonly pending: Pending;
  readonly outcome: CommandOutcome;
}
