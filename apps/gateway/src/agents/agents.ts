/** The agents that are loaded, as the gateway needs them. */
import { type AgentBriefing, type AgentPolicy } from '@runledger/contracts';
import { ProblemError } from '@runledger/nest-kit';

export interface LoadedAgent {
  readonly policy: AgentPolicy;
  readonly briefing: AgentBriefing;
}

export interface Agents {
  list(): readonly AgentPolicy[];
  find(name: string): LoadedAgent | undefined;
}

const NAMES_MAX = 20;

/** Throws `agent/unknown`. */
export function agentNamed(agents: Agents, name: string): LoadedAgent {
  const found = agents.find(name);
  if (found !== undefined) return found;
  const names = agents.list().map((agent) => agent.name);
  const known = names.length === 0 ? 'no agents are loaded' : `loaded are ${names.slice(0, NAMES_MAX).join(', ')}${names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : ''}`;
  throw new ProblemError('agent/unknown', `There is no agent ${name}; ${known}.`);
}
