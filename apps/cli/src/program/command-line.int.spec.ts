/** The real dependency is HTTP over the loopback interface; the platform behind it keeps the contract. */
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runHere, type CliOptions, type Finished } from '../testing/cli-process.ts';
import { asking, asks, fact, FAILURE, modelRequested, recorded, returns, RUN, says, started, toolRequested, view } from '../testing/events.ts';
import { FakePlatform } from '../testing/fake-platform.ts';

let platform: FakePlatform;
let cwd: string;

beforeAll(async () => {
  platform = await FakePlatform.open();
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.reset();
  cwd = mkdtempSync(join(tmpdir(), 'runledger-cli-'));
  return () => rmSync(cwd, { recursive: true });
});

const connected = (): CliOptions => ({ cwd, env: { RUNLEDGER_URL: platform.url, RUNLEDGER_API_KEY: platform.apiKey } });
const run = (args: readonly string[], options: Partial<CliOptions> = {}): Promise<Finished> => runHere(args, { ...connected(), ...options });
const documents = (text: string): unknown[] => text.trimEnd().split('\n').map((line) => JSON.parse(line));
const answer = recorded(started(), modelRequested(1), says(1, 'It is on its way.'), fact('RunCompleted', { reason: 'answer' }));

describe('run', () => {
  it('prints the id of the run that it started, and how to go on', async () => {
    expect(await run(['run', 'support', '--input', 'Hello', '--metadata', 'team=core'])).toEqual({ code: 0, out: `${RUN}\n`, err: `Follow it with: runledger events ${RUN} --follow\n` });
    expect(platform.asked).toEqual([{ line: 'POST /v1/runs', body: { agent: 'support', input: 'Hello', metadata: { team: 'core' } } }]);
  });

  it('takes its input from stdin, without the line break that ends it', async () => {
    const { code, out } = await run(['run', 'support', '--input', '-', '--id', 'order-17', '--json'], { input: 'Grüße\nof two lines\n' });
    expect([code, documents(out)]).toEqual([0, [{ id: RUN, status: 'completed', sequence: 6 }]]);
    expect(platform.asked[0]?.body).toEqual({ agent: 'support', input: 'Grüße\nof two lines', id: 'order-17' });
  });

  it('refuses an input that is empty', async () => {
    expect(await run(['run', 'support', '--input', '-'], { input: '\n' })).toMatchObject({ code: 2, err: expect.stringContaining('The input is empty') });
    expect(platform.asked).toEqual([]);
  });

  it('waits, prints the output, and fails where the run did', async () => {
    expect(await run(['run', 'support', '--input', 'Hello', '--wait', '90'])).toMatchObject({ code: 0, out: 'It is on its way.\n', err: expect.stringContaining(`${RUN} completed (answer), took 12.3 s`) });
    expect(platform.lines[1]).toMatch(new RegExp(`^GET /v1/runs/${RUN}\\?wait=60$`));
    platform.view = view({ status: 'failed', reason: 'tool/down', failure: FAILURE, output: null });
    const failed = await run(['run', 'support', '--input', 'Hello', '--wait', '1', '--json']);
    expect([failed.code, documents(failed.out)]).toEqual([1, [platform.view]]);
    expect(failed.err).toMatch(/The shop is closed\. \[tool\/down\]/);
  });

  it('says that a run goes on once the seconds are over', async () => {
    const { endedAt: _over, reason: _why, output: _output, ...running } = view({ status: 'running' });
    platform.view = running;
    expect(await run(['run', 'support', '--input', 'Hello', '--wait', '0.6'])).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`It goes on. Follow it with: runledger events ${RUN} --follow`) });
    expect(platform.lines.length).toBeLessThan(8);
  });

  it('prints the events with --json, and fails where the run did', async () => {
    platform.view = view({ status: 'cancelled', reason: 'cancelled' });
    platform.events = recorded(started(), fact('RunCancelled', {}));
    const { code, out } = await run(['run', 'support', '--input', 'Hello', '--follow', '--json']);
    expect([code, documents(out)]).toEqual([1, platform.events]);
  });
});

describe('runs and agents', () => {
  it('prints a page, and says how to go on', async () => {
    platform.pages = [[view({ key: 'order-17' })], [view()]];
    const { code, out, err } = await run(['runs', '--status', 'completed', '--limit', '1']);
    expect([code, out.split('\n')[1]]).toEqual([0, `${RUN}  support  completed (answer)  2026-01-15 09:00:00Z  12.3 s  3      1,200→85  order-17`]);
    expect(err).toBe('There are more: --cursor 1, or --all.\nThe list is 3 records behind the log.\n');
    expect(platform.lines).toEqual(['GET /v1/runs?status=completed&limit=1']);
  });

  it('prints all runs as NDJSON', async () => {
    platform.pages = [[view({ key: 'a' })], [], [view({ key: 'b' })]];
    const { out, err } = await run(['runs', '--all', '--json']);
    expect(documents(out)).toEqual([view({ key: 'a' }), view({ key: 'b' })]);
    expect(err).toBe('The list is 3 records behind the log.\n');
    expect(platform.lines).toEqual(['GET /v1/runs?limit=200', 'GET /v1/runs?limit=200&cursor=1', 'GET /v1/runs?limit=200&cursor=2']);
  });

  it('lists agents with their tools', async () => {
    expect((await run(['agents'])).out).toMatch(/support {2}3f9a2c71 {2}many {3}scripted\/scripted-1 {2}lookup, refund \(once\)/);
  });
});

describe('show and events', () => {
  const looks = asking(['lookup', { order: 'A-17' }]);
  const long = () => recorded(started(), ...Array.from({ length: 2000 }, (_, k) => k * 2 + 1).flatMap((step) => [modelRequested(step), asks(step, looks), toolRequested(step + 1, looks, 0), returns(step + 1, `found ${step}`)]));

  it('shows a run of thousands of events', async () => {
    platform.events = long();
    platform.view = view({ key: 'order-17', sequence: platform.events.length });
    const { code, out } = await run(['show', 'order-17']);
    const lines = out.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(lines.length).toBeGreaterThan(4000);
    expect(lines.at(-1)).toMatch(/^4000 {2}tool .*→ found 3999$/);
  });

  it('shows the state that the view is of, and nothing after it', async () => {
    platform.events = answer;
    platform.view = view({ sequence: 3 });
    const [shown] = documents((await run(['show', RUN, '--json'])).out);
    expect(shown).toMatchObject({ run: { id: RUN, sequence: 3 }, timeline: [{ kind: 'input' }, { kind: 'model', status: 'ok', text: 'It is on its way.' }] });
  });

  it('says what a run waits for', async () => {
    platform.view = view({ status: 'waiting', waitingFor: 'reconciliation', sequence: 6 });
    const refunds = asking(['refund', {}]);
    platform.events = recorded(started(), modelRequested(1), asks(1, refunds), toolRequested(2, refunds, 0), fact('AttemptLost', { step: 2, attempt: 1 }), fact('EffectUnknown', { step: 2, attempt: 1, reason: 'The worker was lost.' }));
    expect((await run(['show', RUN])).out).toMatch(new RegExp(`\n\nLook what became of step 2 \\(refund\\), and say it: runledger reconcile ${RUN} 2 --applied`));
  });

  it('prints events as NDJSON, from where it is asked to', async () => {
    platform.events = answer;
    expect(documents((await run(['events', RUN, '--after', '2', '--json'])).out)).toEqual(answer.slice(2));
  });
});

describe('what changes a run', () => {
  it.each([
    [['cancel', RUN, '--reason', 'mistake'], 'cancel', { reason: 'mistake' }],
    [['pause', RUN], 'pause', {}],
    [['resume', RUN], 'resume', undefined],
    [['reconcile', RUN, '7', '--applied', 'Booked.'], 'effects/7/reconcile', { applied: true, output: 'Booked.' }],
    [['reconcile', RUN, '7', '--not-applied', 'No booking.'], 'effects/7/reconcile', { applied: false, reason: 'No booking.' }],
    [['input', RUN, '--input', 'Bye', '--final', '--id', 'i-1'], 'input', { input: 'Bye', final: true, id: 'i-1' }],
  ])('%j is sent, and its answer told', async (args, path, body) => {
    platform.view = view({ status: 'running' });
    expect(await run(args)).toEqual({ code: 0, out: `${RUN}  running\n`, err: '' });
    expect(platform.asked).toEqual([{ line: `POST /v1/runs/${RUN}/${path}`, body }]);
  });

  it('gives an input a name of its own, so that it is taken once, and waits for the answer', async () => {
    const { endedAt: _over, reason: _why, ...waiting } = view({ status: 'waiting', waitingFor: 'input' });
    platform.view = waiting;
    expect(await run(['input', RUN, '--input', 'And now?', '--wait', '5'])).toMatchObject({ code: 0, out: 'It is on its way.\n', err: expect.stringContaining(`Answer with: runledger input ${RUN}`) });
    expect(platform.asked[0]?.body).toEqual({ input: 'And now?', id: 'cli-new-id' });
  });

  it('wants to know what became of an effect', async () => {
    expect(await run(['reconcile', RUN, '7'])).toMatchObject({ code: 2, err: expect.stringContaining('one of --applied OUTPUT and --not-applied REASON') });
  });
});

describe('the platform that is meant', () => {
  const data = (files: Record<string, string>, name = '.runledger') => {
    mkdirSync(join(cwd, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, name, file), text);
  };

  it('is found in the data directory, with its key', async () => {
    data({ 'endpoint.json': JSON.stringify({ url: platform.url, pid: process.pid }), 'local-api-key': `${platform.apiKey}\n` });
    expect(await run(['agents'], { env: {} })).toMatchObject({ code: 0 });
  });

  it('is the one that --data names, before that of the environment', async () => {
    data({ 'endpoint.json': JSON.stringify({ url: platform.url, pid: process.pid }), 'local-api-key': platform.apiKey }, 'other');
    expect(await run(['agents', '--data', 'other'], { env: { RUNLEDGER_DATA: 'none' } })).toMatchObject({ code: 0 });
    expect(await run(['agents', '--url', platform.url, '--key', platform.apiKey], { env: { RUNLEDGER_URL: 'http://127.0.0.1:9', RUNLEDGER_API_KEY: 'x' } })).toMatchObject({ code: 0 });
  });

  it('that is not there is told with how to start one', async () => {
    data({ 'endpoint.json': JSON.stringify({ url: 'http://127.0.0.1:9', pid: 2 ** 30 }) });
    expect(await run(['runs'], { env: {} })).toMatchObject({ code: 3, out: '', err: expect.stringMatching(/cannot be reached .*\n.*process 1073741824\) has ended\.\n {2}Start a platform with: runledger start\n/) });
    expect(await run(['events', RUN, '--follow'], { env: {} })).toMatchObject({ code: 3 });
  });

  it('that wants a key, or another, is told with where keys come from', async () => {
    expect(await run(['runs'], { env: { RUNLEDGER_URL: platform.url } })).toMatchObject({ code: 4, err: expect.stringMatching(/\[key\/missing\]\n {2}No key was given, and there is no local-api-key in .*\.runledger\./) });
    expect(await run(['runs', '--key', 'wrong'])).toMatchObject({ code: 4, err: expect.stringMatching(/\[key\/unknown\]\n {2}The key from --key was refused/) });
    expect(await run(['runs', '--key', 'two words'])).toMatchObject({ code: 2, err: expect.stringContaining('What stands in --key is no API key') });
  });

  it('is given a key of this machine only if it is on this machine', async () => {
    data({ 'local-api-key': platform.apiKey });
    expect(await run(['runs'], { env: { RUNLEDGER_URL: platform.url } })).toMatchObject({ code: 0 });
    const elsewhere = platform.url.replace('127.0.0.1', '0.0.0.0');
    expect(await run(['runs'], { env: { RUNLEDGER_URL: elsewhere } })).toMatchObject({ code: 4, err: expect.stringContaining(`was not sent to ${elsewhere}`) });
  });

  it('is named by a URL', async () => {
    expect(await run(['runs', '--url', 'nonsense'])).toMatchObject({ code: 2, err: expect.stringContaining('Found the URL "nonsense" (--url)') });
  });

  it.each([['run/ended', 4], ['platform/unavailable', 3], ['internal/error', 1]] as const)('may answer %s', async (code, exitCode) => {
    platform.problem = code;
    expect(await run(['cancel', RUN])).toMatchObject({ code: exitCode, out: '', err: expect.stringContaining(`[${code}]`) });
  });
});
