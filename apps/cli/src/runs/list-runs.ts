/** `runs`: newest first, a page or all. */
import type { Client, ListRuns, RunPage, RunView } from '@runledger/sdk';
import { EXIT, type ExitCode } from '../program/exit-codes.ts';
import { printJson, type Session } from '../program/session.ts';
import { clock, counted, duration, number, tokens } from '../terminal/quantities.ts';
import { table, type Column } from '../terminal/table.ts';
import { paintOfRun, statusText } from '../timeline/header.ts';
import { chosenKeyOf } from './own-key.ts';

export interface ListOptions extends ListRuns {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** The most that the platform gives at once. */
const PAGE_WHEN_ALL = 200;

export async function listRuns(client: Client, options: ListOptions, session: Session): Promise<ExitCode> {
  const { all, json } = options;
  const { signal } = session;
  const filters = filtersIn(options);
  if (all !== true) {
    const page = await client.runs.list(filters, { signal });
    if (json === true) await printJson(session, page);
    else await printPage(page, session);
    if (page.next !== undefined) session.terminal.tell(`There are more: --cursor ${page.next}, or --all.`);
    tellBehind(page, session);
    return EXIT.ok;
  }
  for await (const page of client.runs.pages({ limit: PAGE_WHEN_ALL, ...filters }, { signal })) {
    if (json !== true) await printPage(page, session);
    else for (const run of page.runs) await printJson(session, run);
    if (page.next === undefined) tellBehind(page, session);
  }
  return EXIT.ok;
}

/** The filters alone: every field of them becomes part of the query. */
function filtersIn({ status, agent, startedAfter, startedBefore, limit, cursor }: ListOptions): ListRuns {
  return {
    ...(status && { status }), ...(agent !== undefined && { agent }), ...(startedAfter !== undefined && { startedAfter }),
    ...(startedBefore !== undefined && { startedBefore }), ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }),
  };
}

async function printPage({ runs }: RunPage, { terminal, now }: Session): Promise<void> {
  if (runs.length === 0) return terminal.tell('No runs.');
  const columns: Column<RunView>[] = [
    { heading: 'RUN', cell: ({ id }) => id },
    { heading: 'AGENT', cell: ({ agent }) => agent.name, cellsMax: 24 },
    { heading: 'STATUS', cell: statusText, cellsMax: 28, paint: (text, run) => paintOfRun(run, terminal.style)(text) },
    { heading: 'STARTED', cell: ({ startedAt }) => clock(startedAt) },
    { heading: 'TOOK', cell: ({ startedAt, endedAt }) => duration((endedAt === undefined ? now() : Date.parse(endedAt)) - Date.parse(startedAt)) },
    { heading: 'STEPS', cell: ({ steps }) => number(steps) },
    { heading: 'TOKENS', cell: ({ usage }) => tokens(usage) },
    { heading: 'KEY', cell: (run) => chosenKeyOf(run) ?? '', cellsMax: 40 },
  ];
  for (const line of table(columns, runs, terminal)) await terminal.print(line);
}

/** The list is a view of the log, and says by how much it lags. */
function tellBehind({ current }: RunPage, { terminal }: Session): void {
  const behind = current.reduce((sum, position) => sum + position.behind, 0);
  if (behind > 0) terminal.tell(`The list is ${counted(behind, 'record')} behind the log.`);
}
