/** The real dependencies are the process, and HTTP over the loopback interface. */
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCli, type CliOptions } from './testing/cli-process.ts';
import { fact, modelRequested, recorded, RUN, says, started, view } from './testing/events.ts';
import { FakePlatform } from './testing/fake-platform.ts';

let platform: FakePlatform;

beforeAll(async () => {
  platform = await FakePlatform.open();
});
afterAll(() => platform.close());
beforeEach(() => platform.reset());

const connected = (input = ''): CliOptions => ({ cwd: tmpdir(), env: { RUNLEDGER_URL: platform.url, RUNLEDGER_API_KEY: platform.apiKey }, input });
const answer = recorded(started(), modelRequested(1), says(1, 'It is on its way.'), fact('RunCompleted', { reason: 'answer' }));

describe('the process', () => {
  it('reads stdin, writes stdout, and ends by itself with its exit code', async () => {
    expect(await startCli(['run', 'support', '--input', '-'], connected('Hello\n')).finished).toMatchObject({ code: 0, out: `${RUN}\n` });
    expect(platform.asked[0]?.body).toEqual({ agent: 'support', input: 'Hello' });
    expect(await startCli(['show', 'nothing'], connected()).finished).toMatchObject({ code: 4, out: '' });
  });

  it('follows the run while it goes on, and ends with its output', async () => {
    platform.final = false;
    const cli = startCli(['run', 'support', '--input', 'Where is my order?', '--follow'], connected());
    platform.append(answer.slice(0, 3), false);
    await cli.shown(/model {2}scripted-1.*It is on its way\./);
    platform.append(answer.slice(3), true);
    const { code, out, err } = await cli.finished;
    expect(code).toBe(0);
    expect(out).toMatch(/input .*Where is my order\?\n.*It is on its way\.\n.*completed \(answer\)\n\nIt is on its way\.\n$/);
    expect(err).toMatch(/completed \(answer\), took 12\.3 s: 3 steps/);
  });

  it('is left with Ctrl-C, and the run is not touched', async () => {
    platform.final = false;
    platform.events = answer.slice(0, 2);
    const cli = startCli(['run', 'support', '--input', 'Hello', '--follow'], connected());
    await cli.shown(/Where is my order/);
    cli.child.kill('SIGINT');
    expect(await cli.finished).toMatchObject({ code: 130, err: expect.stringMatching(/Left; the run goes on\. Follow it from here with: runledger events run_\S+ --after \d --follow/) });
    expect(platform.lines.filter((line) => line.startsWith('POST'))).toEqual(['POST /v1/runs']);
  });

  it('is left with Ctrl-C while it waits, and the run is not touched', async () => {
    const { endedAt: _over, reason: _why, ...running } = view({ status: 'running' });
    platform.view = running;
    const cli = startCli(['run', 'support', '--input', 'Hello', '--wait', '60'], connected());
    await cli.shown(/run_/);
    cli.child.kill('SIGINT');
    expect(await cli.finished).toMatchObject({ code: 130, out: '', err: expect.stringContaining(`Left; the run goes on. Look at it with: runledger show ${RUN}`) });
  });

  it('is left with Ctrl-C while it reads', async () => {
    const cli = startCli(['run', 'support', '--input', '-'], { ...connected(), input: undefined });
    // More than fits between the processes: once it is written, it is being read.
    await new Promise((resolve) => cli.child.stdin.write('x'.repeat(600_000), resolve));
    cli.child.kill('SIGINT');
    expect(await cli.finished).toEqual({ code: 130, out: '', err: '' });
    expect(platform.asked).toEqual([]);
  });

  it('follows events until the run has ended', async () => {
    platform.final = false;
    const cli = startCli(['events', RUN, '--follow'], connected());
    platform.append(answer.slice(0, 3), false);
    await cli.shown(/3 .*ModelCallCompleted/);
    platform.append(answer.slice(3), true);
    expect(await cli.finished).toMatchObject({ code: 0, out: expect.stringMatching(/4 .*RunCompleted/), err: '' });
  });

  it('ends quietly when the reader of its output has gone', async () => {
    platform.events = recorded(started(), ...Array.from({ length: 4000 }, () => fact('RunResumed', {})));
    const cli = startCli(['events', RUN, '--json'], connected());
    cli.child.stdout.once('data', () => cli.child.stdout.destroy());
    expect(await cli.finished).toMatchObject({ code: 141, err: '' });
  });
});
