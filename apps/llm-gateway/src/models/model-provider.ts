/** The port to whatever answers as a model. Its implementations translate, and repeat nothing: only the owner of a run does. */
import type { Message, Metadata, ToolDeclaration } from '@runledger/contracts';
import type { ModelResult } from '@runledger/runtime';

export interface ModelRequest {
  readonly model: string;
  /** The whole transcript, system message first. */
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDeclaration[];
  readonly temperature?: number | undefined;
  /** An upper bound that the provider has to enforce, reasoning included. */
  readonly outputTokensMax?: number | undefined;
  /** Aborted when nobody waits for the answer any more. Reading it may create it, so read it only where it is used. */
  readonly signal: AbortSignal;
  /** The owner gives the attempt up after so many ms. Above 0. */
  readonly timeoutMs: number;
  readonly metadata: Metadata;
  readonly tenant: string;
  readonly run: string;
  readonly step: number;
  readonly attempt: number;
}

/**
 * Guarantees of every implementation: a failure is a result, in the platform's words, and not an exception; results fit the
 * contracts' limits; the call ends soon after its signal is aborted or its time is over; usage is what was counted, also of
 * calls that failed after they had cost something; keys stand in no result and no log.
 */
export interface ModelProvider {
  /** As in `model.provider` of an agent. */
  readonly name: string;
  call(request: ModelRequest): Promise<ModelResult>;
}
