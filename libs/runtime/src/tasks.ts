/**
 * What a worker is asked to do, and what it may answer. A task is one attempt of one step. What it needs to read
 * (the messages, the arguments) it fetches from the run's own content, so that nothing is copied before it is wanted.
 */
import type { AssistantContent, Failure, Message, Metadata, ModelPolicy, ToolDeclaration, ToolPolicy, Usage } from '@runledger/contracts';

interface TaskCommon {
  readonly tenant: string;
  readonly run: string;
  readonly agent: { readonly name: string; readonly version: string };
  readonly step: number;
  readonly attempt: number;
  /** ms since 1970; the owner gives the attempt up after it. */
  readonly deadlineAt: number;
  readonly metadata?: Metadata | undefined;
  /** Aborted when nobody waits for this attempt any more: it timed out, the run was cancelled, or the platform stops. */
  readonly signal: AbortSignal;
}

export interface ModelTask extends TaskCommon {
  readonly kind: 'model';
  readonly model: ModelPolicy;
  /** The whole transcript that the call sees, system message first. */
  messages(): Promise<readonly Message[]>;
  tools(): Promise<readonly ToolDeclaration[]>;
}

export interface ToolTask extends TaskCommon {
  readonly kind: 'tool';
  readonly tool: ToolPolicy;
  readonly callId: string;
  /** The platform's key of this effect, the same for every attempt of it; for tools with an effect. */
  readonly key?: string | undefined;
  /** The JSON text that the model wrote. */
  arguments(): Promise<string>;
  declaration(): Promise<ToolDeclaration | undefined>;
}

export type Task = ModelTask | ToolTask;

export type ModelResult =
  | { readonly outcome: 'completed'; readonly message: AssistantContent; readonly usage: Usage; readonly model?: string }
  | { readonly outcome: 'failed'; readonly failure: Failure; readonly usage?: Usage };

export type ToolResult =
  | { readonly outcome: 'completed'; readonly output: string }
  /** `outcomeUnknown`: it may have had its effect. */
  | { readonly outcome: 'failed'; readonly failure: Failure; readonly outcomeUnknown?: boolean };

/** Does the work of one task type. A handler that throws has failed with class `internal`; effects `once` are then unknown. */
export interface TaskHandlers {
  model(task: ModelTask): Promise<ModelResult>;
  tool(task: ToolTask): Promise<ToolResult>;
  /** Whether there is somebody here who can do it; a task that nobody can do waits. */
  canDo(task: Task): boolean;
}
