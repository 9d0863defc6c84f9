import { describe, expect, it } from 'vitest';
import { styleOf } from '../terminal/terminal.ts';
import type { Actions } from './actions.ts';
import { EXIT } from './exit-codes.ts';
import { programOf } from './program.ts';
import { runCommandLine } from './run-command-line.ts';
import type { Session } from './session.ts';

interface Result {
  readonly code: number;
  readonly calls: readonly unknown[];
  readonly out: string;
  readonly err: string;
}

/** Actions that note what they are asked for, and end with 0, or as told. */
function noting(calls: unknown[], outcome: () => Promise<number> = async () => 0): Actions {
  const note = (name: string) => (...given: unknown[]) => (calls.push([name, ...given]), outcome());
  return { platform: note('platform'), run: note('run'), runs: note('runs'), show: note('show'), events: note('events'), input: note('input'), change: note('change'), reconcile: note('reconcile'), agents: note('agents') };
}

async function on(args: readonly string[], outcome?: () => Promise<number>, aborted = false): Promise<Result> {
  const [calls, out, err]: [unknown[], string[], string[]] = [[], [], []];
  const session: Session = {
    terminal: { interactive: false, columns: 100, style: styleOf(false), print: async (text) => void out.push(text), tell: (text) => void err.push(text) },
    env: {}, cwd: '/', stdin: (async function* () {})(), signal: aborted ? AbortSignal.abort() : new AbortController().signal, now: () => 0, newId: () => 'new-id',
  };
  const code = await runCommandLine(args, session, noting(calls, outcome));
  return { code, calls, out: out.join('\n'), err: err.join('\n') };
}

const asked = async (...args: string[]) => (await on(args)).calls;

describe('the command line', () => {
  it('starts runs', async () => {
    expect(await asked('run', 'airline', '--input', '-', '--id', 'a-1', '--metadata', 'a=1', 'b=x=y', '--metadata', 'c=', '--wait', '2.5', '--json', '--url', 'http://h', '--key', 'k', '--data', 'd')).toEqual([
      ['run', 'airline', { input: '-', id: 'a-1', metadata: { a: '1', b: 'x=y', c: '' }, wait: 2.5, json: true, url: 'http://h', key: 'k', data: 'd' }],
    ]);
    expect(await asked('run', '--input', '--not an option', '--follow', 'airline')).toEqual([['run', 'airline', { input: '--not an option', follow: true }]]);
  });

  it('lists runs and agents', async () => {
    expect(await asked('runs', '--status', 'waiting', '--agent', 'a', '--limit', '200', '--cursor', 'c', '--all', '--started-after', '2026-01-31')).toEqual([['runs', { status: 'waiting', agent: 'a', limit: 200, cursor: 'c', all: true, startedAfter: '2026-01-31T00:00:00.000Z' }]]);
    expect(await asked('agents')).toEqual([['agents', {}]]);
  });

  it('looks at a run', async () => {
    expect(await asked('show', 'r-1', '--full')).toEqual([['show', 'r-1', { full: true }]]);
    expect(await asked('events', 'r-1', '--after', '12', '--follow')).toEqual([['events', 'r-1', { after: 12, follow: true }]]);
  });

  it('changes a run', async () => {
    expect(await asked('input', 'r-1', '--input', 'Bye', '--final', '--id', 'i-1')).toEqual([['input', 'r-1', { input: 'Bye', final: true, id: 'i-1' }]]);
    expect(await asked('cancel', 'r-1', '--reason', 'mistake')).toEqual([['change', 'cancel', 'r-1', { reason: 'mistake' }]]);
    expect(await asked('pause', 'r-1')).toEqual([['change', 'pause', 'r-1', {}]]);
    expect(await asked('resume', 'r-1')).toEqual([['change', 'resume', 'r-1', {}]]);
    expect(await asked('reconcile', 'r-1', '7', '--applied', '-')).toEqual([['reconcile', 'r-1', 7, { applied: '-' }]]);
    expect(await asked('reconcile', 'r-1', '7', '--not-applied', 'no booking')).toEqual([['reconcile', 'r-1', 7, { notApplied: 'no booking' }]]);
  });

  it.each([['start', ['--port', '0', '--agents', './a', '--agents', 'b', '--something-new', 'x', '--no-samples']], ['rebuild', ['--data', 'd', '--json']], ['verify', ['--', '-x', 'start']]])('hands what stands behind %s on, unchanged', async (verb, rest) => {
    expect(await asked(verb, ...rest)).toEqual([['platform', verb, rest]]);
  });

  it('ends with the exit code of what it did', async () => {
    expect((await on(['verify'], async () => 17)).code).toBe(17);
  });
});

describe('a command line that is wrong', () => {
  it.each([
    [['nonsense'], /unknown command 'nonsense'/],
    [['runz'], /runledger: unknown command 'runz'\n.*Did you mean one of run, runs/],
    [[], /Usage: runledger/],
    [['run', 'a'], /required option '--input <text>'/],
    [['run', '--input', 'x'], /missing required argument 'agent'/],
    [['run', 'a', 'b', '--input', 'x'], /too many arguments/],
    [['run', 'a', '--input', 'x', '--wait', '-1'], /Expected seconds from 0 to 86400/],
    [['run', 'a', '--input', 'x', '--wait', '1', '--follow'], /cannot be used with/],
    [['run', 'a', '--input', 'x', '--metadata', 'a'], /Expected name=value/],
    [['run', 'a', '--input', 'x', '--metadata', 'a=1', 'a=2'], /a is given twice/],
    [['run', 'a', '--input', 'x', '--id', 'no spaces'], /printable ASCII/],
    [['runs', '--status', 'sleeping'], /Allowed choices are running, waiting/],
    [['runs', '--limit', '201'], /whole number from 1 to 200/],
    [['runs', '--limit', '1e2'], /whole number/],
    [['runs', '--started-after', 'yesterday'], /Expected a time/],
    [['show', 'r', '--nonsense'], /unknown option '--nonsense'/],
    [['reconcile', 'r', '0', '--applied', 'x'], /whole number from 1/],
    [['reconcile', 'r', '1', '--applied', 'x', '--not-applied', 'y'], /cannot be used with/],
    [['start', '--port'], /argument missing/],
  ])('%j is refused', async (args, message) => {
    const { code, calls, out, err } = await on(args);
    expect([code, calls, out]).toEqual([EXIT.usage, [], '']);
    expect(err).toMatch(message);
  });
});

describe('an action that fails', () => {
  it('is told on stderr', async () => {
    expect(await on(['agents'], async () => Promise.reject(new Error('It broke.')))).toMatchObject({ code: EXIT.failed, out: '', err: 'runledger: It broke.' });
  });

  it('is no error after Ctrl-C, nor where nobody reads any more', async () => {
    expect(await on(['agents'], async () => Promise.reject(new Error('aborted')), true)).toMatchObject({ code: EXIT.interrupted, err: '' });
    expect(await on(['agents'], async () => Promise.reject(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })))).toMatchObject({ code: EXIT.brokenPipe, err: '' });
  });
});

describe('the help', () => {
  const commands = programOf(noting([]), [], { exitCode: 0 }).commands.map((command) => command.name());
  const examplesIn = (help: string) => (/Examples:\n((?: {2}.*\n?)+)/.exec(help)?.[1] ?? '').trim().split(/\n\s*/).filter(Boolean);
  /** The words of the part of a pipeline that is ours. */
  const wordsOf = (example: string) => [...(example.split('|').map((part) => part.trim()).find((part) => part.startsWith('runledger ')) ?? '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1);

  it('is given on stdout where it is asked for', async () => {
    expect(await on(['--help'])).toMatchObject({ code: EXIT.ok, err: '' });
    expect((await on(['--version'])).out).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await on(['help', 'run'])).out).toBe((await on(['run', '--help'])).out);
  });

  it.each(commands)('of %s has the exit codes, and examples that are right', async (name) => {
    const { out, code } = await on([name, '--help']);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/Exit codes:/);
    const examples = examplesIn(out);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(await on(wordsOf(example)), example).toMatchObject({ code: EXIT.ok, err: '', calls: [expect.anything()] });
  });
});
