/** Loads the agents that a configuration names. What a module exports is looked at, never called. */
import { realpath } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { AgentError } from './agent-error.ts';
import { isAgent, type Agent } from './define-agent.ts';
import { findEntry } from './module-entry.ts';
import type { Recording, RecordingSource } from './recording.ts';

export interface AgentModule {
  /** As the configuration names it. */
  readonly specifier: string;
  /** The absolute path of the file that was imported. */
  readonly file: string;
  readonly agents: readonly Agent[];
  readonly recordings?: RecordingSource;
  /** Everything that the module exports, for readers of further exports. */
  readonly exported: Readonly<Record<string, unknown>>;
}

export interface LoadedAgents {
  /** Of all modules, in the order of the configuration. No name stands twice. */
  readonly agents: readonly Agent[];
  /** The recordings of all modules, one module after the other. */
  readonly recordings: RecordingSource;
  readonly modules: readonly AgentModule[];
}

/**
 * A specifier is a folder or a file, absolute or under `baseDirectory`, or the name of a package installed there. Its
 * entry is what its package.json exports (as `./agent`, or itself), or index.ts, or agent.ts. Taken are all exported agents, those of an exported
 * array `agents`, and the export `recordings`.
 *
 * A name stands for one agent here. To keep earlier versions for runs under way, load them by a call of their own.
 *
 * Throws `AgentError`: `agent/not-found`, `agent/broken`, `agent/duplicate`, `agent/invalid`.
 */
export async function loadAgents(specifiers: readonly string[], baseDirectory: string): Promise<LoadedAgents> {
  const modules: AgentModule[] = [];
  for (const specifier of specifiers) modules.push(await loadModule(specifier, baseDirectory));
  return { agents: uniqueAgents(modules), recordings: () => allRecordings(modules), modules };
}

async function loadModule(specifier: string, baseDirectory: string): Promise<AgentModule> {
  // Under its real path a linked package is the module that others import too, and not a second copy of it.
  const file = await realpath(await findEntry(specifier, baseDirectory));
  const exported = await importFile(specifier, file);
  const agents = agentsOf(specifier, exported);
  if (agents.length === 0) {
    const names = Object.keys(exported).join(', ') || 'nothing';
    throw new AgentError('agent/not-found', `${JSON.stringify(specifier)} (${file}) exports no agent: found ${names}, expected an export made by defineAgent.`);
  }
  const { recordings } = exported;
  if (recordings !== undefined && !isSource(recordings)) {
    throw new AgentError('agent/invalid', `The export recordings of ${JSON.stringify(specifier)} (${file}) is of type ${typeof recordings}, expected a function that returns recordings.`);
  }
  return { specifier, file, agents, exported, ...(recordings !== undefined && { recordings }) };
}

async function importFile(specifier: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw new AgentError('agent/broken', `The agent module ${JSON.stringify(specifier)} (${file}) threw while it was loaded: ${found}`, { cause: error });
  }
}

function agentsOf(specifier: string, exported: Readonly<Record<string, unknown>>): readonly Agent[] {
  const found = new Set(Object.values(exported).filter(isAgent));
  const { agents: listed } = exported;
  if (!Array.isArray(listed)) return [...found];
  for (const [place, agent] of listed.entries()) {
    if (!isAgent(agent)) throw new AgentError('agent/invalid', `agents[${place}] of ${JSON.stringify(specifier)} is no agent, expected what defineAgent returns.`);
    found.add(agent);
  }
  return [...found];
}

function uniqueAgents(modules: readonly AgentModule[]): readonly Agent[] {
  const byName = new Map<string, { agent: Agent; specifier: string }>();
  for (const { specifier, agents } of modules) {
    for (const agent of agents) {
      const other = byName.get(agent.policy.name);
      if (other === undefined) byName.set(agent.policy.name, { agent, specifier });
      else if (other.agent !== agent) {
        throw new AgentError('agent/duplicate', `Two agents are named ${JSON.stringify(agent.policy.name)}: one in ${JSON.stringify(other.specifier)} (version ${other.agent.policy.version}), one in ${JSON.stringify(specifier)} (version ${agent.policy.version}). Rename one, or load one only.`);
      }
    }
  }
  return [...byName.values()].map(({ agent }) => agent);
}

async function* allRecordings(modules: readonly AgentModule[]): AsyncGenerator<Recording, void, undefined> {
  const sources = new Set(modules.flatMap(({ recordings }) => (recordings === undefined ? [] : [recordings])));
  for (const source of sources) yield* source();
}

function isSource(value: unknown): value is RecordingSource {
  return typeof value === 'function';
}
