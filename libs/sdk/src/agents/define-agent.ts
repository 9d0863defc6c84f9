/** An agent: a named bundle of instructions, model, tools and limits, which never changes. Another bundle is another version. */
import { agentBriefing, agentPolicy, type AgentBriefing, type AgentPolicy, type Limits, type ModelPolicy } from '@runledger/contracts';
import { AgentError, issuesText } from './agent-error.ts';
import { deepFreeze } from './deep-freeze.ts';
import { isTool, type Tool } from './define-tool.ts';
import { versionDigest } from './version-digest.ts';

export interface AgentDefinition {
  /** 1–63 characters of a-z, 0-9 and -, beginning with a letter. */
  readonly name: string;
  /** The system message. */
  readonly instructions: string;
  readonly model: ModelPolicy;
  readonly tools?: readonly Tool[];
  /** With `many`, an answer without tool calls waits for the next input instead of ending the run. Default `single`. */
  readonly turns?: 'single' | 'many';
  /** What is left out has the default of `DEFAULT_LIMITS`. */
  readonly limits?: Partial<Limits>;
  /** What the model is told when it calls a tool that the agent has not; `{tool}` stands for the name. */
  readonly unknownToolText?: string;
}

export interface Agent {
  readonly policy: AgentPolicy;
  readonly briefing: AgentBriefing;
  /** By name. */
  readonly tools: ReadonlyMap<string, Tool>;
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  modelCallsMax: 50,
  stepsMax: 500,
  toolCallsPerTurnMax: 16,
  toolCallsMax: 250,
  inputsMax: 200,
  attemptsMax: 4,
  modelTimeoutMs: 120_000,
});

const UNKNOWN_TOOL_TEXT = 'Error: unknown tool {tool}';
const BRAND = Symbol.for('runledger.agent');

/** Throws `AgentError` `agent/invalid`, which says everything that does not fit. */
export function defineAgent(definition: AgentDefinition): Agent {
  const { name, tools: definedTools = [] } = definition;
  const tools = byName(name, definedTools);
  const briefing = agentBriefing.safeParse({ instructions: definition.instructions, tools: definedTools.map((tool) => tool.declaration) });
  if (!briefing.success) throw invalid(name, issuesText(briefing.error.issues));
  const rules = {
    name,
    turns: definition.turns ?? 'single',
    model: definition.model,
    tools: definedTools.map((tool) => tool.policy),
    limits: { ...DEFAULT_LIMITS, ...withoutUndefined(definition.limits ?? {}) },
    unknownToolText: definition.unknownToolText ?? UNKNOWN_TOOL_TEXT,
  };
  const policy = agentPolicy.safeParse({ ...rules, version: versionDigest({ policy: rules, briefing: briefing.data }) });
  if (!policy.success) throw invalid(name, issuesText(policy.error.issues));
  const agent: Agent = { policy: deepFreeze(policy.data), briefing: deepFreeze(briefing.data), tools };
  return Object.freeze(Object.assign(agent, { [BRAND]: true }));
}

/** Also of a package that brought its own copy of the SDK. */
export function isAgent(value: unknown): value is Agent {
  return typeof value === 'object' && value !== null && BRAND in value;
}

function byName(agent: string, tools: readonly Tool[]): Map<string, Tool> {
  const found = new Map<string, Tool>();
  for (const [place, tool] of tools.entries()) {
    if (!isTool(tool)) throw invalid(agent, `tools.${place}: expected what defineTool returns`);
    if (found.has(tool.policy.name)) throw invalid(agent, `tools.${place}: there are two tools named ${JSON.stringify(tool.policy.name)}; rename one`);
    found.set(tool.policy.name, tool);
  }
  return found;
}

function withoutUndefined(limits: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function invalid(name: unknown, problem: string): AgentError {
  return new AgentError('agent/invalid', `The agent ${JSON.stringify(name)} cannot be used: ${problem}.`);
}
