/** What the benchmark is told by its command line, and how much each part does. */
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const PARTS = ['steps', 'fold', 'takeover', 'recovery', 'lengths', 'memory'] as const;
export type PartName = (typeof PARTS)[number];
const QUICK_PARTS: readonly PartName[] = ['steps', 'fold'];

export const HELP = `Usage: npm run bench -- [options]

Measures the platform as "npm start" composes it, in a process of its own, on an embedded log that syncs every commit.

  steps      durable steps per second, ms and CPU per step, syncs and bytes; beside the bare log and the disk
  fold       reading a long log from its beginning, and what deciding and encoding cost
  takeover   from the start of an engine to its first decision, with an index and a tail
  recovery   SIGKILL with runs under way, until all of them are resumed, and until all have ended
  lengths    CPU per step of short and long runs
  memory     idle, and with parked runs

  --only PART[,PART]   these parts only (default: all; with --quick: steps and fold)
  --quick              small loads and one repeat: says whether it works, not how fast
  --peers              Restate beside it, in steps and recovery; installed from npm into a temporary folder
  --repeats N          of each timed load (default 3, with --quick 1); medians count
  --patience SECONDS   how long to wait before a repeat for other programs to be quiet (default 10, with --quick 0)
  --directory DIR      where logs and databases are put (default: the system's folder for temporary files)
  --require-fsyncs     exit code 1 if syncs cannot be counted, because strace is missing
  --profile DIR        CPU profile of the platform during "steps"
  --json FILE          all figures, for programs
  --save               keep the results in bench/results`;

/** How much work each part does. */
export interface Sizes {
  /** Runs of each load with 64 in flight; the last one is the steadiest. */
  readonly loads: readonly number[];
  readonly alone: number;
  readonly overHttp: number;
  readonly warmUp: number;
  readonly counted: number;
  readonly syncs: number;
  readonly foldedEvents: number;
  readonly openRuns: number;
  readonly recoveredRuns: number;
  readonly stepsPerLength: number;
  readonly parkedRuns: number;
}

const FULL: Sizes = {
  loads: [600, 6_000], alone: 30, overHttp: 600, warmUp: 600, counted: 300, syncs: 1_000,
  foldedEvents: 1_000_000, openRuns: 1_000, recoveredRuns: 50, stepsPerLength: 64_000, parkedRuns: 10_000,
};
const QUICK: Sizes = {
  loads: [300], alone: 10, overHttp: 64, warmUp: 128, counted: 128, syncs: 200,
  foldedEvents: 100_000, openRuns: 100, recoveredRuns: 50, stepsPerLength: 32_000, parkedRuns: 500,
};

export const IN_FLIGHT = 64;

export interface Options {
  readonly only: ReadonlySet<PartName>;
  readonly quick: boolean;
  readonly peers: boolean;
  readonly repeats: number;
  readonly patienceSeconds: number;
  readonly directory: string;
  readonly requireFsyncs: boolean;
  readonly profile: string | undefined;
  readonly json: string | undefined;
  readonly save: boolean;
  readonly help: boolean;
  readonly sizes: Sizes;
}

/** The command line is not understood; the message says what was found and what was expected. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

/** Throws `OptionsError`. */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args);
  const { quick, peers, directory, profile, json, save, help } = values;
  return {
    quick, peers, save, help,
    only: new Set(values.only?.flatMap((list) => list.split(',')).map(partNamed) ?? (quick ? QUICK_PARTS : PARTS)),
    repeats: wholeNumber('--repeats', values.repeats, 1) ?? (quick ? 1 : 3),
    patienceSeconds: wholeNumber('--patience', values.patience, 0) ?? (quick ? 0 : 10),
    directory: resolve(directory),
    requireFsyncs: values['require-fsyncs'],
    profile: profile === undefined ? undefined : resolve(profile),
    json: json === undefined ? undefined : resolve(json),
    sizes: quick ? QUICK : FULL,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false }, peers: { type: 'boolean', default: false }, repeats: { type: 'string' }, patience: { type: 'string' },
        directory: { type: 'string', default: tmpdir() }, 'require-fsyncs': { type: 'boolean', default: false }, profile: { type: 'string' }, json: { type: 'string' },
        save: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionsError(`${(error as Error).message} Try --help.`);
  }
}

function partNamed(text: string): PartName {
  const part = PARTS.find((name) => name === text);
  if (part === undefined) throw new OptionsError(`There is no part ${JSON.stringify(text)}; the parts are ${PARTS.join(', ')}.`);
  return part;
}

function wholeNumber(name: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < min) throw new OptionsError(`${name} is ${JSON.stringify(text)}; expected a whole number from ${min}.`);
  return value;
}
