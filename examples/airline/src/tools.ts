/** The fourteen tools as the platform declares them: what a model reads of each, and what it does when it is called. */
import { readFileSync } from 'node:fs';
import { actions } from './actions/invoke.ts';
import type { Conversations } from './conversation-store.ts';

export interface ToolCallContext {
  /** Whose database the tool sees: the run's id. */
  readonly conversation: string;
  /** The platform's key of the effect; only tools that write look at it. */
  readonly idempotencyKey?: string | undefined;
}

export interface ToolDeclaration {
  readonly name: string;
  readonly description: string;
  /** JSON Schema, as the model was given it. The tool itself checks no types, and neither did the original. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** `idempotent`: called again with the same key, it returns what it returned and changes nothing. */
  readonly effect: 'none' | 'idempotent';
  /** The conversation is over once it has returned. */
  readonly endsRun: boolean;
}

export interface AirlineTool extends ToolDeclaration {
  /** Takes the arguments as the model wrote them, because Python prints `250` and `250.0` differently. */
  execute(argumentsText: string, context: ToolCallContext): string;
}

interface FunctionDefinition {
  readonly function: { readonly name: string; readonly description: string; readonly parameters: Readonly<Record<string, unknown>> };
}

const endsRun = 'transfer_to_human_agents';

/** In the order in which the recorded model was given them. */
export const toolDeclarations: readonly ToolDeclaration[] = readDefinitions().map(({ function: { name, description, parameters } }) => ({
  name,
  description,
  inputSchema: parameters,
  effect: actions.get(name)?.writes === true ? 'idempotent' : 'none',
  endsRun: name === endsRun,
}));

export function airlineTools(conversations: Conversations): readonly AirlineTool[] {
  return toolDeclarations.map((declaration) => ({
    ...declaration,
    execute: (argumentsText, { conversation, idempotencyKey }) =>
      conversations.invoke(conversation, declaration.name, argumentsText, idempotencyKey).output,
  }));
}

/** The agent's instructions. */
export function policyText(): string {
  return readFileSync(new URL('../data/policy.md', import.meta.url), 'utf8');
}

function readDefinitions(): readonly FunctionDefinition[] {
  return JSON.parse(readFileSync(new URL('../data/tools.json', import.meta.url), 'utf8')) as readonly FunctionDefinition[];
}
