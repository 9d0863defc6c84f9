/** Finds the implementation that a task asks for. Several versions of an agent may be here, for runs that began with each. */
import type { ToolTask } from '@runledger/runtime';
import type { Agent, Tool } from '@runledger/sdk';
import { ArgumentChecker } from './argument-checker.ts';

export interface RegisteredTool {
  readonly tool: Tool;
  /** Of tools that are given parsed arguments. */
  readonly checker: ArgumentChecker | undefined;
}

export class ToolRegistry {
  /** Agent, then tool version: its digest covers the tool's name. */
  readonly #agents = new Map<string, Map<string, RegisteredTool>>();

  /** Compiles the schema of every declaration, each once, so that a wrong one is found now. Throws `ToolSchemaError`. */
  constructor(agents: Iterable<Agent>) {
    const checkerOf = checkers();
    for (const { policy, tools } of agents) {
      const versions = this.#agents.get(policy.name) ?? new Map<string, RegisteredTool>();
      this.#agents.set(policy.name, versions);
      for (const tool of tools.values()) {
        // The agent that comes first keeps its implementation: two bundles may hold one and the same tool.
        if (!versions.has(tool.policy.version)) versions.set(tool.policy.version, { tool, checker: checkerOf(tool) });
      }
    }
  }

  find({ agent, tool }: Pick<ToolTask, 'agent' | 'tool'>): RegisteredTool | undefined {
    const found = this.#agents.get(agent.name)?.get(tool.version);
    return found?.tool.policy.name === tool.name ? found : undefined;
  }
}

/** One for equal declarations; but a zod schema checks more than its declaration says, so two such tools share nothing. */
function checkers(): (tool: Tool) => ArgumentChecker | undefined {
  const made = new Map<string, ArgumentChecker>();
  return (tool) => {
    if (tool.arguments === 'text') return undefined;
    if (tool.parse !== undefined) return new ArgumentChecker(tool);
    const checker = made.get(tool.policy.version) ?? new ArgumentChecker(tool);
    made.set(tool.policy.version, checker);
    return checker;
  };
}
