/** What was once said in a run, for the model provider `recorded` to answer from. */
import type { Message, Usage } from '@runledger/contracts';

/** A message; an assistant's may say what it cost. */
export type RecordedMessage = Message & { readonly usage?: Partial<Usage> | undefined };

/** One conversation, system message first. A run names it by its metadata: `{recording: id}`. */
export interface Recording {
  readonly id: string;
  readonly messages: readonly RecordedMessage[];
}

/** The export `recordings` of an agent's module. Called once, when the first run asks for a recording. */
export type RecordingSource = () => Iterable<Recording> | AsyncIterable<Recording>;
