/** Carries out model calls: finds the provider that the agent's policy names, and hands it what it needs to answer. */
import type { Message, Metadata, ToolDeclaration } from '@runledger/contracts';
import type { ModelResult, ModelTask, Task } from '@runledger/runtime';
import { failedModel, messageOf } from './model-failure.ts';
import type { ModelProvider, ModelRequest } from './model-provider.ts';

export interface ModelHandlerOptions {
  /** The clock that the tasks' deadlines are read by, in ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** The part of `TaskHandlers` that models need. */
export interface ModelHandler {
  /** Never rejects. */
  model(task: ModelTask): Promise<ModelResult>;
  /** Whether the provider is here; false for tasks that are no model calls. */
  canDo(task: Pick<Task, 'kind'>): boolean;
}

/** Two providers of one name. Configure one of them under another name. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code = 'provider/duplicate';
}

/** Throws `ProviderError`. */
export function createModelHandler(providers: Iterable<ModelProvider>, { now = Date.now }: ModelHandlerOptions = {}): ModelHandler {
  const byName = new Map<string, ModelProvider>();
  for (const provider of providers) {
    if (byName.has(provider.name)) throw new ProviderError(`Two model providers are named ${JSON.stringify(provider.name)}, expected one. Rename one where they are configured.`);
    byName.set(provider.name, provider);
  }
  return {
    async model(task) {
      const provider = byName.get(task.model.provider);
      if (provider === undefined) return notHere(task, byName.keys());
      const request = await requestOf(task, now);
      return 'outcome' in request ? request : answerOf(provider, request);
    },
    canDo: (task) => isModelTask(task) && byName.has(task.model.provider),
  };
}

function isModelTask(task: Pick<Task, 'kind'>): task is ModelTask {
  return task.kind === 'model';
}

/** The request, or why there is none. */
async function requestOf(task: ModelTask, now: () => number): Promise<ModelRequest | ModelResult> {
  let content;
  try {
    content = await Promise.all([task.messages(), task.tools()]);
  } catch (error) {
    return failedModel('internal', 'task/unreadable', `The messages could not be read: ${messageOf(error)}`, { origin: 'orchestration' });
  }
  const timeoutMs = task.deadlineAt - now();
  if (timeoutMs <= 0) return failedModel('timeout', 'model/not-started', 'The call was not started: nobody waits for it any more.');
  return new TaskRequest(task, ...content, timeoutMs);
}

const NO_METADATA: Metadata = Object.freeze({});

/** A class for its getter: a task makes its signal when it is first read, and many calls end without one. */
class TaskRequest implements ModelRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDeclaration[];
  readonly temperature: number | undefined;
  readonly outputTokensMax: number | undefined;
  readonly timeoutMs: number;
  readonly metadata: Metadata;
  readonly tenant: string;
  readonly run: string;
  readonly step: number;
  readonly attempt: number;
  readonly #task: ModelTask;

  constructor(task: ModelTask, messages: readonly Message[], tools: readonly ToolDeclaration[], timeoutMs: number) {
    this.model = task.model.name;
    this.messages = messages;
    this.tools = tools;
    this.temperature = task.model.temperature;
    this.outputTokensMax = task.model.outputTokensMax;
    this.timeoutMs = timeoutMs;
    this.metadata = task.metadata ?? NO_METADATA;
    this.tenant = task.tenant;
    this.run = task.run;
    this.step = task.step;
    this.attempt = task.attempt;
    this.#task = task;
  }

  get signal(): AbortSignal {
    return this.#task.signal;
  }
}

async function answerOf(provider: ModelProvider, request: ModelRequest): Promise<ModelResult> {
  try {
    return await provider.call(request);
  } catch (error) {
    return failedModel('internal', 'model/provider-threw', `The provider ${provider.name} failed: ${messageOf(error)}`);
  }
}

function notHere({ model }: ModelTask, names: Iterable<string>): ModelResult {
  const known = [...names].join(', ') || 'none';
  return failedModel('internal', 'model/unknown-provider', `Found the provider ${JSON.stringify(model.provider)}, expected one of those that are configured here: ${known}.`);
}
