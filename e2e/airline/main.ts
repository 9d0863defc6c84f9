/**
 * Plays recorded airline conversations through the whole platform and compares everything with the recordings.
 * Exit code 1 at the first inequality.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { conversationsIn, openConversations, passHatK, shippedTrialFiles, type TrialConversation } from '@runledger/example-airline';
import { connect } from '@runledger/sdk';
import { PlatformProcess, freePort, runPlatform } from '../platform-process/platform-process.ts';
import { killAlong, type Kill } from './killer.ts';
import { play, type Played } from './play.ts';

const HELP = `Usage: npm run airline -- [FILE…] [options]

Plays the conversations of trial files (default: the two shipped ones) through gateway, log, orchestrator and workers.

  --kills N         SIGKILL and restart the platform N times, at even distances in the log (default 0)
  --concurrency N   conversations at once (default 8)
  --data DIR        data directory to use and keep (default: a temporary one)
  --quiet           no row per conversation`;

const VIEWS_MS_MAX = 90_000;

const { log: say, error: complain } = console;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { kills: { type: 'string', default: '0' }, concurrency: { type: 'string', default: '8' }, data: { type: 'string' }, quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    say(HELP);
    return 0;
  }
  const files = (positionals.length > 0 ? positionals : shippedTrialFiles).map((file) => resolve(file));
  const conversations = files.flatMap((file) => conversationsIn(file));
  if (new Set(conversations.map(({ recording }) => recording)).size < conversations.length) throw new Error('Two conversations have the same file name and task. Rename one of the files.');
  const data = values.data === undefined ? mkdtempSync(join(tmpdir(), 'runledger-airline-')) : resolve(values.data);
  const platform = new PlatformProcess({ data, port: await freePort(), agents: ['./examples/airline/src/agent.ts'], environment: { AIRLINE_STATE: join(data, 'airline'), AIRLINE_RECORDINGS: files.join(delimiter) } });
  const stop = (): void => void platform.kill().finally(() => process.exit(130));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const upAfterMs = await platform.start();
    say(`The platform is up after ${(upAfterMs / 1000).toFixed(1)} s; ${conversations.length} conversations of ${files.map((file) => basename(file)).join(', ')}.`);
    const outcome = await playAll(platform, conversations, { kills: Number(values.kills), concurrency: Number(values.concurrency), quiet: values.quiet === true });
    return outcome === undefined ? 1 : await conclude(platform, data, files, outcome);
  } finally {
    await platform.stop();
    if (values.data === undefined) rmSync(data, { recursive: true, force: true });
  }
}

interface Outcome {
  readonly played: readonly Played[];
  readonly kills: readonly Kill[];
  readonly tookMs: number;
}

async function playAll(platform: PlatformProcess, conversations: readonly TrialConversation[], options: { kills: number; concurrency: number; quiet: boolean }): Promise<Outcome | undefined> {
  const target = { url: platform.url, apiKey: () => platform.apiKey, conversations: openConversations(join(platform.options.data, 'airline')) };
  const played: Played[] = [];
  const waiting = [...conversations];
  let failed: string | undefined;
  const startedAt = performance.now();
  const over = (): boolean => failed !== undefined || played.length === conversations.length;
  const killing = killAlong(platform, options.kills, recordsOf(conversations), over);
  const players = Array.from({ length: Math.min(options.concurrency, conversations.length) }, async () => {
    for (let next = waiting.shift(); next !== undefined && failed === undefined; next = waiting.shift()) {
      const result = await play(next, target);
      played.push(result);
      if (!options.quiet) row(result);
      if (result.inequality !== undefined) failed ??= `${next.recording}: ${result.inequality}`;
    }
  });
  await Promise.all(players);
  const kills = await killing;
  target.conversations.close();
  if (failed === undefined) return { played, kills, tookMs: performance.now() - startedAt };
  complain(`NOT EQUAL  ${failed}`);
  return undefined;
}

/** What the conversations leave in the log if nothing is repeated: a record for each start, input and result. */
function recordsOf(conversations: readonly TrialConversation[]): number {
  return conversations.reduce((sum, { messages }) => sum + messages.length - 1, 0);
}

function row({ conversation, view, toolOutputs, reward, attemptsRepeated }: Played): void {
  say(`${conversation.recording.padEnd(22)} ${view.status.padEnd(10)} ${(view.reason ?? '').padEnd(18)} ${String(view.modelCalls).padStart(2)} model calls  ${String(toolOutputs).padStart(2)} tool outputs equal  reward ${reward} = ${conversation.recordedReward}${attemptsRepeated > 0 ? `  ${attemptsRepeated} attempts repeated` : ''}`);
}

async function conclude(platform: PlatformProcess, data: string, files: readonly string[], { played, kills, tookMs }: Outcome): Promise<number> {
  say('');
  for (const file of files) {
    const own = played.filter(({ conversation }) => conversation.recording.startsWith(`${basename(file, '.jsonl')}/`));
    const rewards = own.reduce((sum, { reward }) => sum + reward, 0);
    say(`${basename(file, '.jsonl').padEnd(22)} ${rewards}/${own.length} rewards, pass^1 ${(rewards / own.length).toFixed(3)}`);
  }
  passes(played, files.length);
  const sum = (of: (one: Played) => number): number => played.reduce((total, one) => total + of(one), 0);
  say(`${played.length} conversations, ${sum((one) => one.view.modelCalls)} model calls, ${sum((one) => one.toolOutputs)} tool outputs equal, ${played.length} rewards equal, in ${(tookMs / 1000).toFixed(1)} s`);
  const conversations = openConversations(join(data, 'airline'));
  const effects = conversations.effects();
  conversations.close();
  const doubled = effects.filter(({ applied }) => applied !== 1);
  const repeated = sum((one) => one.attemptsRepeated);
  if (kills.length > 0) say(`${kills.length} kills, ${kills.filter(({ openAttempts }) => openAttempts > 0).length} of them with attempts open in the log; attempts repeated: ${repeated}; up again after ${Math.round(kills.reduce((total, kill) => total + kill.restartedAfterMs, 0) / kills.length)} ms on average`);
  say(`effects: ${effects.length} keys, ${effects.filter(({ asked }) => asked > 1).length} of them asked for more than once, applied once: ${effects.length - doubled.length}, more than once: ${doubled.length}`);
  await viewsCurrent(platform);
  await platform.stop();
  const verified = await runPlatform('verify', ['--data', data]);
  say(`\nrunledger verify:\n${verified.stdout}${verified.code === 0 ? '' : verified.stderr}`);
  return doubled.length === 0 && verified.code === 0 ? 0 : 1;
}

/** The rows may lag behind the log; what is compared below should be there. */
async function viewsCurrent(platform: PlatformProcess): Promise<void> {
  const { runs } = connect({ url: platform.url, apiKey: platform.apiKey });
  for (const until = Date.now() + VIEWS_MS_MAX; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const page = await runs.list({ limit: 1 }).catch(() => undefined);
    if (page?.current.length !== undefined && page.current.length > 0 && page.current.every(({ behind }) => behind === 0)) return;
  }
  complain(`The list of runs did not come up to date within ${VIEWS_MS_MAX / 1000} s. The platform said: ${platform.said}`);
}

function passes(played: readonly Played[], trials: number): void {
  const tasks = Map.groupBy(played, ({ conversation }) => conversation.taskId);
  const counted = [...tasks.values()].map((own) => ({ successes: own.reduce((total, { reward }) => total + reward, 0), trials: own.length }));
  const fewest = Math.min(trials, ...counted.map((task) => task.trials));
  for (let k = 1; k <= fewest; k++) say(`pass^${k} over the trials given: ${passHatK(counted, k).toFixed(3)}`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    complain(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
