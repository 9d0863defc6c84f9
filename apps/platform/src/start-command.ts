/** `start`: the platform until it is told to stop, and on a first start some conversations to look at. */
import { startPlatform, type Platform, type Report } from './platform.ts';
import { playSample, samplesOf } from './samples.ts';
import { type Settings } from './settings.ts';

const { log: say } = console;

/** A second signal, or this long after the first, ends the process at once: the log loses nothing by it. */
const STOP_MS_MAX = 15_000;
const TOLD_TWICE_MS = 1_000;

export async function startCommand(settings: Settings, report: Report): Promise<number> {
  const startedAt = performance.now();
  const platform = await startPlatform(settings, report);
  const stopped = untilStopped(platform, report);
  tell(platform, settings, performance.now() - startedAt);
  if (platform.fresh && settings.samples) await playSamples(platform);
  return stopped;
}

function tell(platform: Platform, settings: Settings, tookMs: number): void {
  const agents = platform.loaded.agents.map(({ policy }) => `${policy.name}@${policy.version}`);
  if (settings.json) return say(JSON.stringify({ url: platform.url, data: settings.data, agents, pid: process.pid }));
  say(`Runledger is up after ${(tookMs / 1000).toFixed(1)} s.
  API      ${platform.url}/v1   (ready: ${platform.url}/ready)
  data     ${settings.data}
  key      ${settings.data}/local-api-key   (tenant default)
  agents   ${agents.join(', ') || 'none; name some with --agents or in runledger.json'}
Ctrl-C stops it. In another terminal: npx runledger runs`);
}

async function playSamples(platform: Platform): Promise<void> {
  const samples = samplesOf(platform.loaded);
  if (samples.length === 0) return;
  say(`\nA first start: ${samples.length} recorded conversations are played, so that there is something to see.`);
  for (const sample of samples) {
    const { view } = await playSample(sample, { url: platform.url, apiKey: platform.localKey });
    say(`  ${view.status.padEnd(9)} ${sample.id.padEnd(20)} ${String(view.steps).padStart(3)} steps, ${view.modelCalls} model calls, ${view.toolCalls} tool calls${view.reason === undefined ? '' : ` (${view.reason})`}`);
  }
  say(`Look at one: npx runledger show ${samples[0]?.id ?? ''}`);
}

function untilStopped(platform: Platform, report: Report): Promise<number> {
  return new Promise((resolve) => {
    let stoppingSince: number | undefined;
    const stop = (signal: NodeJS.Signals): void => {
      // A supervisor that signals the whole group, and a parent that passes the signal on, are one wish told twice.
      if (stoppingSince !== undefined && performance.now() - stoppingSince < TOLD_TWICE_MS) return;
      if (stoppingSince !== undefined) process.exit(130);
      stoppingSince = performance.now();
      report({ level: 'info', code: 'platform/stopping', message: `${signal}: stopping. Runs under way go on at the next start.` });
      setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
      platform.stop().then(
        () => resolve(0),
        (error: unknown) => {
          report({ level: 'error', code: 'platform/stop-failed', message: String(error) });
          resolve(1);
        },
      );
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
