/** The recorded conversations: what a real model said and called, what its tools returned, and the reward it got. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseJson } from './python/json-parser.ts';
import { jsonText } from './python/json-text.ts';
import { getItem, iterate } from './python/operations.ts';
import { pythonStr } from './python/text.ts';
import type { GoldAction } from './score.ts';
import type { Message } from './transcript.ts';

export interface RecordedConversation {
  readonly taskId: number;
  readonly trial: number;
  readonly messages: readonly Message[];
  readonly task: {
    readonly actions: readonly GoldAction[];
    readonly outputs: readonly string[];
    /** What the simulated user was told. */
    readonly instruction: string;
  };
  readonly recordedReward: number;
  /** The benchmark's hash of the database after the gold actions; it recorded none for tasks with outputs. */
  readonly recordedGoldHash?: string;
}

interface RecordedLine {
  readonly task_id: number;
  readonly trial: number;
  readonly reward: number;
  readonly traj: readonly RecordedMessage[];
  readonly info: {
    readonly task: { readonly instruction: string; readonly outputs: readonly string[] };
    readonly reward_info: { readonly info: { readonly gt_data_hash?: string } } | null;
  };
}

type RecordedMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'tool'; readonly content: string; readonly name: string; readonly tool_call_id: string }
  | { readonly role: 'assistant'; readonly content: string | null; readonly tool_calls?: readonly RecordedCall[] | null };

interface RecordedCall {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

export const recordedTrials = [0, 1] as const;

const fileOf = (trial: (typeof recordedTrials)[number]) => fileURLToPath(new URL(`../recordings/gpt-4o-trial-${trial}.jsonl`, import.meta.url));

/** The trial files that come with the example. */
export const shippedTrialFiles: readonly string[] = recordedTrials.map(fileOf);

/** The fifty conversations of one trial, in the order of the file. */
export function readTrial(trial: (typeof recordedTrials)[number]): readonly RecordedConversation[] {
  return parseTrial(readFileSync(fileOf(trial), 'utf8'));
}

/** One conversation per line. */
export function parseTrial(text: string): readonly RecordedConversation[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}

function parseLine(line: string): RecordedConversation {
  const { task_id, trial, reward, traj, info } = JSON.parse(line) as RecordedLine;
  const hash = info.reward_info?.info.gt_data_hash;
  return {
    taskId: task_id,
    trial,
    messages: traj.map(messageOf),
    task: { actions: goldActions(line), outputs: info.task.outputs, instruction: info.task.instruction },
    recordedReward: reward,
    ...(hash === undefined ? {} : { recordedGoldHash: hash }),
  };
}

/** Read a second time as Python reads it, so that a float in the arguments stays one. */
function goldActions(line: string): readonly GoldAction[] {
  const recorded = getItem(getItem(getItem(parseJson(line), 'info'), 'task'), 'actions');
  return iterate(recorded).map((action) => ({
    name: pythonStr(getItem(action, 'name')),
    argumentsText: jsonText(getItem(action, 'kwargs')),
  }));
}

function messageOf(message: RecordedMessage): Message {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.content };
    case 'tool':
      return { role: 'tool', callId: message.tool_call_id, name: message.name, content: message.content };
    case 'assistant': {
      const calls = message.tool_calls ?? [];
      return {
        role: 'assistant',
        content: message.content,
        toolCalls: calls.map(({ id, function: called }) => ({ id, name: called.name, argumentsText: called.arguments })),
      };
    }
  }
}
