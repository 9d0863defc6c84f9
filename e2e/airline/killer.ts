/** Kills the platform at places of its log, so that the kills fall into the work however fast it is. */
import { openEmbeddedLog } from '@runledger/log-embedded';
import { foldPartition } from '@runledger/runtime';
import { type PlatformProcess } from '../platform-process/platform-process.ts';

export interface Kill {
  /** Records in the log when the process was gone. */
  readonly records: number;
  /** Attempts that stood open in the log then. */
  readonly openAttempts: number;
  readonly restartedAfterMs: number;
}

const LOOK_MS = 1;

/** Kills at about even distances up to `records`, and starts the platform again each time. Ends by itself once all were made, or `done` says so. */
export async function killAlong(platform: PlatformProcess, kills: number, records: number, done: () => boolean): Promise<readonly Kill[]> {
  const made: Kill[] = [];
  const { data } = platform.options;
  const reader = openEmbeddedLog(data, { readOnly: true });
  try {
    while (made.length < kills && !done()) {
      const place = Math.floor(((made.length + 1) * records) / (kills + 1));
      while (!done() && (await reader.log.extent(0)).end < place) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (done()) break;
      await platform.kill();
      made.push({ ...(await openAttempts(data)), restartedAfterMs: await platform.start() });
    }
  } finally {
    await reader.close();
  }
  return made;
}

async function openAttempts(data: string): Promise<{ readonly records: number; readonly openAttempts: number }> {
  const { log, close } = openEmbeddedLog(data, { readOnly: true });
  try {
    const { runs, counts } = await foldPartition(log, 0);
    let open = 0;
    for (const { state } of runs.values()) if (state.status === 'active') open += state.open.filter((step) => step.retryAt === undefined).length;
    return { records: counts.records, openAttempts: open };
  } finally {
    await close();
  }
}
