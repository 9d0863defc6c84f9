/** `agents`: those that the platform has loaded. */
import type { AgentPolicy, Client } from '@runledger/sdk';
import { EXIT, type ExitCode } from '../program/exit-codes.ts';
import { printJson, type Session } from '../program/session.ts';
import { table, type Column } from '../terminal/table.ts';

const COLUMNS: readonly Column<AgentPolicy>[] = [
  { heading: 'AGENT', cell: ({ name }) => name, cellsMax: 32 },
  { heading: 'VERSION', cell: ({ version }) => version, cellsMax: 16 },
  { heading: 'TURNS', cell: ({ turns }) => turns },
  { heading: 'MODEL', cell: ({ model }) => `${model.provider}/${model.name}`, cellsMax: 40 },
  { heading: 'TOOLS', cell: ({ tools }) => tools.map((tool) => (tool.effect === 'none' ? tool.name : `${tool.name} (${tool.effect})`)).join(', ') || 'none' },
];

export async function listAgents(client: Client, { json }: { readonly json?: boolean }, session: Session): Promise<ExitCode> {
  const agents = await client.agents.list({ signal: session.signal });
  if (json === true) await printJson(session, { agents });
  else if (agents.length === 0) session.terminal.tell('The platform has loaded no agents. Name some with: runledger start --agents SPEC…');
  else for (const line of table(COLUMNS, agents, session.terminal)) await session.terminal.print(line);
  return EXIT.ok;
}
