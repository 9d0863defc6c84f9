/** `verify`: everything derived from the log, held against the log. Also while the platform runs. */
import { LogError } from '@runledger/event-sourcing';
import { sha256, verify, type VerifyReport } from '@runledger/runtime';
import { runningPostgres } from '@runledger/storage';
import { join } from 'node:path';
import { openInstallation, openViews, type Installation, type OpenedViews } from './installation.ts';
import { type Settings } from './settings.ts';

type Print = (line: string) => void;

export async function verifyCommand(settings: Settings, say: Print, complain: Print): Promise<number> {
  const installation = openInstallation(settings.data, { readOnly: true });
  const views = openViews(settings.data, settings.postgres ?? (await runningPostgres(join(settings.data, 'postgres'))), () => undefined);
  try {
    const report = await verifyAll(installation, views, settings.json ? () => undefined : complain);
    for (const finding of installation.opened.findings) report.differences.unshift({ place: 'log', found: finding.message, expected: 'a log without damage' });
    const digest = await views.views.digest();
    const behind = await rowsBehind(installation, views);
    if (settings.json) say(JSON.stringify({ ...report, digest, rowsBehind: behind }));
    else tell(report, digest, behind, say);
    return report.differences.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    const place = Object.entries(error.where).map(([name, value]) => `${name} ${value}`).join(', ');
    if (settings.json) say(JSON.stringify({ differences: [{ place, found: error.message, expected: 'a sound log' }] }));
    else say(`DIFFERS  ${place}: ${error.message}`);
    return 1;
  } finally {
    await views.close();
    await installation.close();
  }
}

async function verifyAll({ opened, index }: Installation, { views }: OpenedViews, complain: Print): Promise<VerifyReport> {
  await views.opened();
  let told = 0;
  return verify({
    log: opened.log, index, rows: views, hash: sha256,
    onProgress: ({ records, events }) => {
      if (records - told < 100_000) return;
      told = records;
      complain(`… ${records} records, ${events} events`);
    },
  });
}

/** Records that the rows have not read yet. They lag behind while Postgres is away, and catch up at the next start. */
async function rowsBehind({ opened }: Installation, { views }: OpenedViews): Promise<number> {
  const positions = await views.positions();
  let behind = 0;
  for (let partition = 0; partition < opened.log.partitions; partition++) behind += (await opened.log.extent(partition)).end - 1 - (positions.get(partition)?.offset ?? -1);
  return behind;
}

function tell(report: VerifyReport, digest: string, behind: number, say: Print): void {
  const { records, ignored, events, runs, snapshots, indexed, segments, rows, differences } = report;
  say(`log        ${records} records (${ignored} of writers that had lost, ignored), ${events} events of ${runs} runs: chain and order hold`);
  say(`index      ${indexed} entries, ${segments} lists of places compared`);
  say(`snapshots  ${snapshots} compared`);
  say(`rows       ${rows} compared, digest ${digest}${behind > 0 ? `; ${behind} records behind the log, which they read at the next start` : ''}`);
  for (const { place, found, expected } of differences) say(`DIFFERS  ${place}\n  found     ${found}\n  expected  ${expected}`);
  say(`${differences.length} differences`);
}
