/**
 * A model that says what it once said. It answers only if everything before its answer is equal to what was recorded, so a
 * run that gets to its end this way has done exactly what the recorded one did: every message, every call, every output.
 */
import type { Usage } from '@runledger/contracts';
import type { ModelResult } from '@runledger/runtime';
import type { RecordedMessage, Recording, RecordingSource } from '@runledger/sdk';
import { failedModel, messageOf } from '../models/model-failure.ts';
import type { ModelProvider, ModelRequest } from '../models/model-provider.ts';
import { firstDifference } from './compare-messages.ts';

export interface RecordedProviderOptions {
  /** Recordings that are kept in memory. Default 100,000. */
  readonly recordingsMax?: number;
}

const PROVIDER = 'recorded';
const ATTRIBUTE = 'recording';

/**
 * Named `recorded`; a run names its recording by the metadata `recording`. The source is read once, at the first call.
 *
 * Failures, none of which is retried: `recorded/unknown` (no such recording), `recorded/diverged` (the run is another than
 * the recorded one, from the message that is named on), `recorded/exhausted` (the recording has no further answer),
 * `recorded/unreadable` (the source throws, or gives an id twice; it is read again at the next call).
 */
export function recordedProvider(source: RecordingSource, { recordingsMax = 100_000 }: RecordedProviderOptions = {}): ModelProvider {
  let loading: Promise<ReadonlyMap<string, Recording>> | undefined;
  let loaded: ReadonlyMap<string, Recording> | undefined;
  const load = async () => {
    loading ??= readAll(source, recordingsMax);
    try {
      loaded = await loading;
      return loaded;
    } finally {
      loading = undefined;
    }
  };
  return {
    name: PROVIDER,
    async call(request) {
      try {
        return answerTo(request, loaded ?? (await load()));
      } catch (error) {
        return failedModel('internal', 'recorded/unreadable', `The recordings could not be read: ${messageOf(error)}`);
      }
    },
  };
}

async function readAll(source: RecordingSource, recordingsMax: number): Promise<ReadonlyMap<string, Recording>> {
  const recordings = new Map<string, Recording>();
  for await (const recording of source()) {
    if (recordings.has(recording.id)) throw new Error(`found two recordings with the id ${JSON.stringify(recording.id)}, expected one`);
    if (recordings.size === recordingsMax) throw new Error(`found more than ${recordingsMax} recordings; raise recordingsMax if that is right`);
    recordings.set(recording.id, recording);
  }
  return recordings;
}

function answerTo({ messages, metadata }: ModelRequest, recordings: ReadonlyMap<string, Recording>): ModelResult {
  const id = metadata[ATTRIBUTE];
  const recording = typeof id === 'string' ? recordings.get(id) : undefined;
  if (recording === undefined) return unknown(id, recordings.size);
  const recorded = recording.messages;
  const difference = firstDifference(messages, recorded);
  if (difference !== undefined) {
    const { place, found, expected } = difference;
    return failedModel('validation', 'recorded/diverged', `The run differs from the recording ${JSON.stringify(recording.id)} at message ${place}: found ${found}, expected ${expected}.`);
  }
  const next = recorded[messages.length];
  if (next?.role === 'assistant') return completed(next);
  if (recorded.slice(messages.length).some(({ role }) => role === 'assistant')) {
    return failedModel('validation', 'recorded/diverged', `The run differs from the recording ${JSON.stringify(recording.id)} at message ${messages.length}: found a call of the model, expected a message with the role ${next?.role}.`);
  }
  return failedModel('validation', 'recorded/exhausted', `The recording ${JSON.stringify(recording.id)} has no further answer: found a call of the model after ${messages.length} messages, expected none after the last recorded answer.`);
}

function completed(message: Extract<RecordedMessage, { role: 'assistant' }>): ModelResult {
  const { text, toolCalls, usage } = message;
  return {
    outcome: 'completed',
    message: toolCalls === undefined || toolCalls.length === 0 ? { text } : { text, toolCalls: [...toolCalls] },
    usage: usage === undefined ? NO_USAGE : { ...NO_USAGE, ...usage },
  };
}

const NO_USAGE: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0 });

function unknown(id: unknown, count: number): ModelResult {
  const found = id === undefined ? 'no recording in the metadata of the run' : `the recording ${JSON.stringify(id)}`;
  return failedModel('validation', 'recorded/unknown', `Found ${found}, expected the id of one of the ${count} that are loaded. Start the run with metadata {"recording": "<id>"}.`);
}
