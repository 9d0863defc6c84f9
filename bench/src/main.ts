/** The benchmark's program. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { conditions, conditionsText, save } from './figures/save.ts';
import { partText, type Part, type Results } from './figures/results.ts';
import { HELP, OptionsError, PARTS, readOptions, type Options, type PartName } from './options.ts';

const { log: say, error: complain } = console;

/** Loaded only when wanted, so that each part begins with a small heap. */
const measure: Readonly<Record<PartName, (options: Options) => Promise<readonly Part[]>>> = {
  steps: async (options) => (await import('./parts/steps.ts')).measureSteps(options),
  fold: async (options) => (await import('./parts/fold.ts')).measureFold(options),
  takeover: async (options) => (await import('./parts/takeover.ts')).measureTakeover(options),
  recovery: async (options) => (await import('./parts/recovery.ts')).measureRecovery(options),
  lengths: async (options) => (await import('./parts/lengths.ts')).measureLengths(options),
  memory: async (options) => (await import('./parts/memory.ts')).measureMemory(options),
};

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return say(HELP);
  mkdirSync(options.directory, { recursive: true });
  const parts: Part[] = [];
  const results: Results = { conditions: conditions(options.directory, options.quick), parts };
  say(conditionsText(results.conditions));
  for (const name of PARTS) {
    if (!options.only.has(name)) continue;
    for (const part of await measure[name](options)) {
      parts.push(part);
      say(partText(part));
    }
  }
  if (options.json !== undefined) {
    mkdirSync(dirname(options.json), { recursive: true });
    writeFileSync(options.json, JSON.stringify(results, undefined, 1) + '\n');
  }
  if (options.save) say(`\nKept in ${save(results).join(' and ')}.`);
}

main().catch((error: unknown) => {
  complain(error instanceof OptionsError ? error.message : error);
  process.exitCode = error instanceof OptionsError ? 2 : 1;
});
