/** The agents of the specs: one tool of every kind, generous limits that a spec narrows where it is about them. */
import type { AgentBriefing, AgentPolicy, Limits, ToolPolicy } from '@runledger/contracts';

export const MODEL_TIMEOUT_MS = 60_000;
export const TOOL_TIMEOUT_MS = 30_000;

const TOOL_KINDS = {
  lookup: { effect: 'none' },
  finish: { effect: 'none', endsRun: true },
  refund: { effect: 'idempotent' },
  book: { effect: 'once' },
  transfer: { effect: 'once', endsRun: true },
  notify: { effect: 'idempotent', repeatable: true },
} as const satisfies Record<string, Partial<ToolPolicy>>;

export const TOOLS: readonly ToolPolicy[] = Object.entries(TOOL_KINDS).map(([name, kind]) => ({ name, version: `${name}-v1`, timeoutMs: TOOL_TIMEOUT_MS, ...kind }));

export const LIMITS: Limits = {
  modelCallsMax: 100, stepsMax: 1000, toolCallsPerTurnMax: 10, toolCallsMax: 500, inputsMax: 100, attemptsMax: 3, modelTimeoutMs: MODEL_TIMEOUT_MS,
};

export const BRIEFING: AgentBriefing = {
  instructions: 'Help the traveller.',
  tools: TOOLS.map(({ name }) => ({ name, description: `Does ${name}.`, inputSchema: { type: 'object' } })),
};

export function agentWith({ limits, ...rest }: Partial<Omit<AgentPolicy, 'limits'>> & { limits?: Partial<Limits> } = {}): AgentPolicy {
  return {
    name: 'desk', version: 'desk-v1', turns: 'single', model: { provider: 'scripted', name: 'scripted-1' }, tools: [...TOOLS],
    unknownToolText: 'There is no tool {tool}.', limits: { ...LIMITS, ...limits }, ...rest,
  };
}

/** Answers once. */
export const DESK = agentWith();
/** Converses: an answer parks the run until the next input. */
export const CONVERSATION = agentWith({ turns: 'many' });

export function toolNamed(name: string): ToolPolicy | undefined {
  return TOOLS.find((tool) => tool.name === name);
}
