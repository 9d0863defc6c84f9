/** The embedded log alone, given the very bytes of a measured load: what is left when the engine costs nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedLog } from '@runledger/log-embedded';

const READ_LIMITS = { recordsMax: 5_000, bytesMax: 8_000_000 };

/** The records of another process's log, read beside it. */
export async function bodiesOf(data: string, from: number, to: number): Promise<readonly string[]> {
  const { log, close } = openEmbeddedLog(data, { readOnly: true });
  const bodies: string[] = [];
  try {
    while (bodies.length < to - from) {
      const page = await log.read(0, from + bodies.length, READ_LIMITS);
      if (page.length === 0) throw new Error(`The log in ${data} ends before offset ${to}.`);
      for (const { body } of page.slice(0, to - from - bodies.length)) bodies.push(body);
    }
    return bodies;
  } finally {
    await close();
  }
}

/** Appends them to a log of its own, a batch at a time, each durable before the next. Answers the ms it took. */
export async function appendBare(scratch: string, bodies: readonly string[], batchRecords: number): Promise<number> {
  const directory = mkdtempSync(join(scratch, 'bare-'));
  const { log, close } = openEmbeddedLog(directory, { partitions: 1 });
  try {
    const startedAt = performance.now();
    for (let at = 0; at < bodies.length; at += batchRecords) {
      const [outcome] = await log.append([{ partition: 0, expected: at, bodies: bodies.slice(at, at + batchRecords) }]);
      if (outcome?.outcome !== 'accepted') throw new Error(`The bare log did not take a batch: ${JSON.stringify(outcome)}`);
    }
    return performance.now() - startedAt;
  } finally {
    await close();
    rmSync(directory, { recursive: true });
  }
}
