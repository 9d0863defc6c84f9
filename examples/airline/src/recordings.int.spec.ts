import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { airlineData, shippedData, shippedTexts } from './database/airline-data.ts';
import { hashableText, type DatabaseState } from './database/database-state.ts';
import { openConversations, type Conversations } from './conversation-store.ts';
import { readTrial, recordedTrials, type RecordedConversation } from './recordings.ts';
import { goldState, passHatK, score } from './score.ts';
import { agentUtterances, endedByItself } from './transcript.ts';

interface Replayed {
  readonly tool: string;
  readonly argumentsText: string;
  readonly recorded: string;
  readonly output: string;
}

const conversationOf = ({ taskId, trial }: RecordedConversation) => `task ${taskId}, trial ${trial}`;

/** By position, because the recorded model gave the same id to several calls of a conversation. */
function replay(recording: RecordedConversation, conversations: Conversations): Replayed[] {
  const outputs = recording.messages.flatMap((message) => (message.role === 'tool' ? [message] : []));
  const calls = recording.messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : []));
  return calls.map(({ id, name, argumentsText }, position) => {
    const { output } = conversations.invoke(conversationOf(recording), name, argumentsText, `call ${position}`);
    const answer = outputs[position];
    return { tool: name, argumentsText, recorded: answer?.callId === id && answer.name === name ? answer.content : 'no output', output };
  });
}

function rewardOf(recording: RecordedConversation, finalDatabase: DatabaseState): number {
  const { task, messages } = recording;
  return score({ task, agentUtterances: agentUtterances(messages), endedByItself: endedByItself(messages), finalDatabase }).reward;
}

describe.each(recordedTrials)('trial %i of the recordings', (trial) => {
  const directory = mkdtempSync(join(tmpdir(), 'airline-'));
  let conversations: Conversations;
  let recordings: readonly RecordedConversation[];
  let replayed: readonly Replayed[];

  beforeAll(() => {
    conversations = openConversations(directory);
    recordings = readTrial(trial);
    replayed = recordings.flatMap((recording) => replay(recording, conversations));
  });
  afterAll(() => {
    conversations.close();
    rmSync(directory, { recursive: true });
  });

  it('holds fifty conversations, every call of which has its output', () => {
    expect(recordings.map(({ taskId }) => taskId)).toEqual(Array.from({ length: 50 }, (_, task) => task));
    expect(recordings.every((recording) => recording.trial === trial)).toBe(true);
    const outputs = recordings.flatMap(({ messages }) => messages.filter(({ role }) => role === 'tool'));
    expect([replayed.length, outputs.length]).toEqual(trial === 0 ? [282, 282] : [290, 290]);
  });

  it('gets every output again, to the letter', () => {
    expect(replayed.filter(({ recorded, output }) => recorded !== output)).toEqual([]);
  });

  it('gets every reward again', () => {
    const rewards = recordings.map((recording) => rewardOf(recording, conversations.finalState(conversationOf(recording))));
    expect(rewards).toEqual(recordings.map(({ recordedReward }) => recordedReward));
    expect(rewards.reduce((sum, reward) => sum + reward, 0)).toBe(trial === 0 ? 21 : 22);
  });

  it('ended as the benchmark says', () => {
    const atLimit = recordings.filter(({ messages }) => !endedByItself(messages)).map(({ taskId }) => taskId);
    expect(atLimit).toEqual(trial === 0 ? [33] : [2]);
  });

  it('applied every effect once', () => {
    const mine = conversations.effects();
    expect(mine.length).toBe(trial === 0 ? 58 : 63);
    expect(mine.filter(({ applied, asked }) => applied !== 1 || asked !== 1)).toEqual([]);
  });

  it('leaves the database that the benchmark hashed, wherever it recorded the hash of the gold database', () => {
    const hashed = recordings.filter(({ recordedGoldHash }) => recordedGoldHash !== undefined);
    expect(hashed.length).toBe(trial === 0 ? 45 : 46);
    const base = hashableRecords();
    const wrong = hashed.filter(({ task, recordedGoldHash }) => benchmarkHash(base, goldState(task.actions)) !== recordedGoldHash);
    expect(wrong.map(({ taskId }) => taskId)).toEqual([]);
  });
});

describe('the recordings as a test of the tools', () => {
  it('notice a price that is one dollar off', () => {
    const directory = mkdtempSync(join(tmpdir(), 'airline-'));
    const texts = shippedTexts();
    // The price of HAT136 on 2024-05-20 in economy, which task 0 reads and pays.
    const dearer = texts.flights.replace(
      /("HAT136":.*?"2024-05-20":.*?"prices":\{.*?"economy":)(\d+)/,
      (_match, before: string, price: string) => `${before}${Number(price) + 1}`,
    );
    const conversations = openConversations(directory, { data: airlineData({ ...texts, flights: dearer }) });
    const replayed = readTrial(0).flatMap((recording) => replay(recording, conversations));
    const differing = replayed.filter(({ recorded, output }) => recorded !== output);
    conversations.close();
    rmSync(directory, { recursive: true });
    expect(dearer).not.toBe(texts.flights);
    expect(differing.length).toBeGreaterThan(0);
  });
});

describe('pass^k over the two trials', () => {
  it('is the mean share of pairs that both succeeded', () => {
    const trials = recordedTrials.map((trial) => readTrial(trial));
    const tasks = Array.from({ length: 50 }, (_, task) => ({
      trials: 2,
      successes: trials.reduce((total, recordings) => total + (recordings[task]?.recordedReward ?? 0), 0),
    }));
    expect(passHatK(tasks, 1)).toBeCloseTo(43 / 100, 12);
    expect(passHatK(tasks, 2)).toBeCloseTo(tasks.filter(({ successes }) => successes === 2).length / 50, 12);
  });
});

type Kind = 'flight' | 'reservation' | 'user';

function hashableRecords(): ReadonlyMap<Kind, ReadonlyMap<string, string>> {
  const { flights, reservations, users } = shippedData();
  return new Map(
    Object.entries({ flight: flights, reservation: reservations, user: users }).map(([kind, records]) => [
      kind as Kind,
      new Map(Array.from(records, ([id, record]) => [id, hashableText(record)])),
    ]),
  );
}

/** The benchmark's own: SHA-256 of `str` of the whole database as sorted tuples. */
function benchmarkHash(base: ReadonlyMap<Kind, ReadonlyMap<string, string>>, state: DatabaseState): string {
  const parts = Array.from(base, ([kind, records]) => {
    const merged = new Map([...records, ...state.changed.filter((row) => row.kind === kind).map((row) => [row.id, row.text] as const)]);
    const pairs = Array.from(merged.keys())
      .sort()
      .map((id) => `('${id}', ${merged.get(id)})`);
    return `('${kind}s', (${pairs.join(', ')}))`;
  });
  return createHash('sha256').update(`(${parts.join(', ')})`).digest('hex');
}
