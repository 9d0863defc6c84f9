/** `show`: the run as it is now, step by step. */
import type { Client, RunView } from '@runledger/sdk';
import { EXIT, type ExitCode } from '../program/exit-codes.ts';
import { printJson, type Session } from '../program/session.ts';
import { visible } from '../terminal/text.ts';
import { headerLines, waitingLines } from './header.ts';
import { layoutFor, linesOf } from './lines.ts';
import { Timeline } from './timeline.ts';

export async function showRun(client: Client, run: string, options: { readonly full?: boolean; readonly json?: boolean }, session: Session): Promise<ExitCode> {
  const { terminal, signal } = session;
  const view = await client.runs.get(run, { signal });
  const timeline = await timelineUpTo(client, view, signal);
  if (options.json === true) {
    await printJson(session, { run: view, timeline: timeline.entries });
    return EXIT.ok;
  }
  const layout = layoutFor(timeline.entries, { columns: terminal.columns, style: terminal.style, full: options.full === true, startedAt: view.startedAt });
  for (const line of headerLines(view, session.now(), terminal)) await terminal.print(line);
  await terminal.print('');
  for (const entry of timeline.entries) await terminal.print(linesOf(entry, layout).join('\n'));
  const waiting = waitingLines(view, timeline.unsettled);
  if (waiting.length > 0) await terminal.print(`\n${waiting.map(visible).join('\n')}`);
  return EXIT.ok;
}

/** Of the very state that the view shows: a run that goes on meanwhile is cut off there. */
async function timelineUpTo(client: Client, { id, sequence }: RunView, signal: AbortSignal): Promise<Timeline> {
  const timeline = new Timeline();
  for await (const event of client.runs.events(id, { signal })) {
    if (event.sequence > sequence) break;
    timeline.apply(event);
  }
  return timeline;
}
