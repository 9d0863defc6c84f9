/** A cold start without anything derived: how fast a log is read, and what the rules alone cost. */
import { openEmbeddedLog } from '@runledger/log-embedded';
import { foldPartition, sha256 } from '@runledger/runtime';
import { atLeast, atMost } from '../figures/figure.ts';
import { PartBuilder, type Part } from '../figures/results.ts';
import { numberText } from '../figures/table.ts';
import { GeneratedRun, LogGenerator } from '../generated-log/generated-log.ts';
import { quiet, watch, type Watched } from '../machine/interference.ts';
import { IN_FLIGHT, type Options } from '../options.ts';
import { inScratch } from '../platform-child/platform-child.ts';
import { STEPS } from '../work/stubs.ts';

const READING = [
  { id: 'fold/per-second', what: 'fold, each record’s own checksum checked', hash: undefined },
  { id: 'fold/verified-per-second', what: 'fold, and every hash of the chain recomputed', hash: sha256 },
] as const;

export function measureFold(options: Options): Promise<readonly Part[]> {
  return inScratch(options, async (directory) => {
    const generator = await generate(directory, options.sizes.foldedEvents);
    const part = new PartBuilder(`Cold fold of ${numberText(generator.events)} events in ${numberText(generator.records)} records, one partition`);
    const { log, close } = openEmbeddedLog(directory, { readOnly: true });
    const repeats = new Map<string, Watched<number>[]>(READING.map(({ id }) => [id, []]));
    for (let k = 0; k < options.repeats; k++) {
      for (const { id, hash } of READING) {
        await quiet(options.patienceSeconds);
        repeats.get(id)?.push(await watch({}, async () => (await foldPartition(log, 0, hash === undefined ? {} : { hash })).counts.events));
      }
    }
    await close();
    for (const { id, what } of READING) {
      const { kept, disturbed } = part.undisturbed(what, repeats.get(id) ?? []);
      part.add({ id, what, unit: 'events/s', values: kept.map(({ value, seconds }) => value / seconds), disturbed, target: id === 'fold/per-second' ? atLeast(200_000, 350_000) : undefined });
    }
    part.add({ id: 'rules/cpu', what: 'making that log: CPU to decide, check, hash and encode, per step', unit: 'µs', values: generator.ruleMicros / generator.results, target: atMost(25, 12) });
    return [part.end()];
  });
}

/** Runs of the measured kind, as many under way at once as in the measurement. */
async function generate(directory: string, events: number): Promise<LogGenerator> {
  const { log, close } = openEmbeddedLog(directory, { partitions: 1 });
  const generator = new LogGenerator(log);
  await generator.begin();
  while (generator.events < events) {
    const runs = Array.from({ length: IN_FLIGHT }, () => new GeneratedRun(STEPS));
    while (runs.some((run) => !run.ended)) await generator.advance(runs);
  }
  await generator.flush();
  await close();
  return generator;
}
