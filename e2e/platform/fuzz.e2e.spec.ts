/** Thousands of requests made from the OpenAPI description, most of them wrong: typed answers only, and nothing stops. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { problem } from '@runledger/contracts';
import { openConversations, readTrial } from '@runledger/example-airline';
import { connect } from '@runledger/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conversationsIn, shippedTrialFiles } from '@runledger/example-airline';
import { play } from '../airline/play.ts';
import { PlatformProcess, freePort, runPlatform } from '../platform-process/platform-process.ts';
import { requestsFrom, type OpenApi } from './requests.ts';

const REQUESTS = 2_400;
const AT_ONCE = 8;
const REQUEST_MS_MAX = 15_000;

const openApi = JSON.parse(readFileSync(fileURLToPath(new URL('../../schemas/openapi.json', import.meta.url)), 'utf8')) as OpenApi;
const data = mkdtempSync(join(tmpdir(), 'runledger-fuzz-'));
let platform: PlatformProcess;

beforeAll(async () => {
  platform = new PlatformProcess({ data, port: await freePort(), agents: ['./examples/airline/src/agent.ts'], environment: { AIRLINE_STATE: join(data, 'airline') } });
  await platform.start();
}, 60_000);

afterAll(async () => {
  await platform.stop();
  rmSync(data, { recursive: true, force: true });
});

describe('requests made from the OpenAPI description', () => {
  it('are all answered, and every refusal is a problem with a code', { timeout: 240_000 }, async () => {
    const { runs } = connect({ url: platform.url, apiKey: platform.apiKey });
    await runs.start({ agent: 'airline', input: 'Hi', id: 'known' });
    const statuses = new Map<number, number>();
    const codes = new Map<string, number>();
    const requests = requestsFrom(openApi, { count: REQUESTS, seed: 20_261_121, apiKey: platform.apiKey, knownRun: 'known' });
    const wrong: string[] = [];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let next = requests.next(); next.done !== true; next = requests.next()) {
        const { method, path, headers, body } = next.value;
        const response = await fetch(platform.url + path, { method, headers, ...(body === undefined ? {} : { body }), signal: AbortSignal.timeout(REQUEST_MS_MAX) });
        const text = response.headers.get('content-type')?.startsWith('text/event-stream') === true ? (await response.body?.cancel(), '') : await response.text();
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        if (response.status < 400) continue;
        const told = response.headers.get('content-type')?.startsWith('application/problem+json') === true ? problem.safeParse(JSON.parse(text)) : undefined;
        if (told?.success !== true || response.status === 500) wrong.push(`${method} ${path.slice(0, 200)} → ${response.status} ${text.slice(0, 200)}`);
        else codes.set(told.data.code, (codes.get(told.data.code) ?? 0) + 1);
      }
    }));
    console.log(`${REQUESTS} requests: ${JSON.stringify(Object.fromEntries([...statuses].sort()))} ${JSON.stringify(Object.fromEntries([...codes].sort()))}`);
    expect(wrong).toEqual([]);
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(REQUESTS);
    for (const code of ['request/invalid', 'request/not-json', 'request/too-large', 'request/unknown-route', 'request/method', 'key/missing', 'key/unknown', 'agent/unknown', 'run/unknown']) expect(codes.get(code), code).toBeGreaterThan(0);
  });

  it('leave the airline table right', { timeout: 120_000 }, async () => {
    const conversations = openConversations(join(data, 'airline'));
    const target = { url: platform.url, apiKey: () => platform.apiKey, conversations };
    const trial = conversationsIn(shippedTrialFiles[0] ?? '');
    expect(trial).toHaveLength(readTrial(0).length);
    let rewards = 0;
    for (const conversation of trial) {
      const played = await play(conversation, target);
      expect(played.inequality).toBeUndefined();
      rewards += played.reward;
    }
    conversations.close();
    expect(rewards).toBe(21);
  });

  it('leave a log in which everything agrees', { timeout: 60_000 }, async () => {
    await platform.stop();
    const { code, stdout } = await runPlatform('verify', ['--data', data]);
    expect(code, stdout).toBe(0);
    await platform.start();
  });
});
