/** `rebuild`: drops the run index and the rows, and makes them from the log. */
import { DatabaseSync } from 'node:sqlite';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InProcessLane, newId, rebuildIndex, rebuildViews, sha256, systemClock, type EngineParts } from '@runledger/runtime';
import { openInstallation, openViews } from './installation.ts';
import { type Settings } from './settings.ts';

type Print = (line: string) => void;

export async function rebuildCommand(settings: Settings, say: Print, complain: Print): Promise<number> {
  dropUnreadableIndex(settings.data);
  const installation = openInstallation(settings.data);
  const views = openViews(settings.data, settings.postgres, () => undefined);
  try {
    const { log, inbox } = installation.opened;
    const lane = new InProcessLane({ worker: 'none', handlers: { model: never, tool: never, canDo: () => false }, clock: systemClock, random: Math.random, report: ({ message }) => complain(message) });
    const parts: EngineParts = { log, inbox, index: installation.index, lane, clock: systemClock, hash: sha256, newId, random: Math.random, report: ({ message }) => complain(message) };
    const report = await rebuildIndex(parts, (records) => settings.json || complain(`… ${records} records`));
    await views.views.opened();
    report.rows = await rebuildViews(parts, views.views);
    const digest = await views.views.digest();
    say(settings.json ? JSON.stringify({ ...report, digest }) : `Rebuilt from ${report.records} records: ${report.runs} runs indexed, ${report.rows} rows, digest ${digest}.`);
    return 0;
  } finally {
    await views.close();
    await installation.close();
  }
}

/** An index that cannot even be opened is of no use; everything in it is in the log. */
function dropUnreadableIndex(directory: string): void {
  const file = join(directory, 'index.db');
  if (!existsSync(file)) return;
  try {
    const database = new DatabaseSync(file);
    const { integrity_check: found } = database.prepare('PRAGMA integrity_check').get() as { integrity_check: string };
    database.close();
    if (found === 'ok') return;
  } catch {
    // Not a database any more.
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

function never(): never {
  throw new Error('Nothing is carried out during a rebuild.');
}
