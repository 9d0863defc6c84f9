import type { Message, Metadata } from '@runledger/contracts';
import type { Recording } from '@runledger/sdk';
import { describe, expect, it } from 'vitest';
import type { ModelRequest } from '../models/model-provider.ts';
import { recordedProvider } from './recorded-provider.ts';

const call = { id: 'call_1', tool: 'look_up', arguments: '{"order":"7"}' };
const recording: Recording = {
  id: 'order 7',
  messages: [
    { role: 'system', text: 'You help.' },
    { role: 'user', text: 'Where is order 7?' },
    { role: 'assistant', text: null, toolCalls: [call], usage: { inputTokens: 12, reasoningTokens: 3 } },
    { role: 'tool', callId: 'call_1', tool: 'look_up', text: '{"state":"sent"}' },
    { role: 'assistant', text: 'It was sent.' },
    { role: 'user', text: 'Thanks. ###STOP###' },
  ],
};
const { messages: recorded } = recording;

const request = (messages: readonly Message[], metadata: Metadata = { recording: 'order 7' }): ModelRequest => ({
  model: 'gpt-4o',
  messages,
  tools: [],
  signal: new AbortController().signal,
  timeoutMs: 1000,
  metadata,
  tenant: 'acme',
  run: 'run_0_00000000000000000000000000',
  step: 1,
  attempt: 1,
});
const answer = (messages: readonly Message[], metadata?: Metadata) => recordedProvider(() => [recording]).call(request(messages, metadata));
const refused = async (messages: readonly Message[], metadata?: Metadata) => {
  const result = await answer(messages, metadata);
  if (result.outcome === 'completed') throw new Error('It answered.');
  expect(result.failure).toMatchObject({ class: 'validation', origin: 'model' });
  return [result.failure.code, result.failure.message];
};
const changed = (place: number, message: Message): Message[] => recorded.slice(0, 4).with(place, message);

describe('the recorded model', () => {
  it('answers what was recorded after an equal history, with the tokens that were counted', async () => {
    expect(await answer(recorded.slice(0, 2))).toEqual({ outcome: 'completed', message: { text: null, toolCalls: [call] }, usage: { inputTokens: 12, outputTokens: 0, reasoningTokens: 3 } });
    expect(await answer(recorded.slice(0, 4))).toEqual({ outcome: 'completed', message: { text: 'It was sent.' }, usage: { inputTokens: 0, outputTokens: 0 } });
  });

  it('takes a copy of the history for the same history, and no calls for an empty list of them', async () => {
    const copy = structuredClone(recorded.slice(0, 4)).map(({ ...message }) => message) as Message[];
    expect(await answer(copy)).toMatchObject({ message: { text: 'It was sent.' } });
    const said: Recording = { id: 'said', messages: [{ role: 'user', text: 'a' }, { role: 'assistant', text: 'b', toolCalls: [] }, { role: 'user', text: 'c' }, { role: 'assistant', text: 'd' }] };
    const provider = recordedProvider(() => [said]);
    expect(await provider.call(request([{ role: 'user', text: 'a' }], { recording: 'said' }))).toMatchObject({ message: { text: 'b' } });
    const [a, , c] = said.messages as [Message, Message, Message];
    expect(await provider.call(request([a, { role: 'assistant', text: 'b' }, c], { recording: 'said' }))).toMatchObject({ message: { text: 'd' } });
  });

  it('does not answer a history that differs in anything, and says where and in what', async () => {
    expect(await refused(changed(0, { role: 'system', text: 'You help!' }))).toEqual(['recorded/diverged', 'The run differs from the recording "order 7" at message 0: found system "You help!", expected system "You help.".']);
    expect(await refused(changed(1, { role: 'user', text: 'Where?' }))).toEqual(['recorded/diverged', expect.stringContaining('at message 1: found user "Where?", expected user "Where is order 7?"')]);
    expect(await refused(changed(2, { role: 'assistant', text: '', toolCalls: [call] }))).toEqual(['recorded/diverged', expect.stringContaining('at message 2: found assistant "" look_up')]);
    for (const other of [{ id: 'call_2' }, { tool: 'lookup' }, { arguments: '{"order": "7"}' }]) {
      expect(await refused(changed(2, { role: 'assistant', text: null, toolCalls: [{ ...call, ...other }] }))).toEqual(['recorded/diverged', expect.stringContaining('at message 2')]);
    }
    for (const toolCalls of [[], [call, call]]) {
      expect(await refused(changed(2, { role: 'assistant', text: null, toolCalls }))).toEqual(['recorded/diverged', expect.stringContaining('at message 2')]);
    }
    for (const other of [{ callId: 'call_2' }, { tool: 'lookup' }, { text: '{"state":"lost"}' }]) {
      expect(await refused(changed(3, { role: 'tool', callId: 'call_1', tool: 'look_up', text: '{"state":"sent"}', ...other }))).toEqual(['recorded/diverged', expect.stringContaining('at message 3')]);
    }
    expect(await refused(changed(3, { role: 'user', text: '{"state":"sent"}' }))).toEqual(['recorded/diverged', expect.stringContaining('found user "{\\"state\\":\\"sent\\"}", expected tool look_up (call_1) ')]);
  });

  it('shows long texts from a little before they part', async () => {
    const long = (end: string): Recording => ({ id: 'long', messages: [{ role: 'user', text: 'x'.repeat(5_000) + end + 'y'.repeat(5_000) }, { role: 'assistant', text: 'b' }] });
    const result = await recordedProvider(() => [long('LEFT')]).call(request(long('RIGHT').messages.slice(0, 1), { recording: 'long' }));
    if (result.outcome === 'completed') throw new Error('It answered.');
    expect(result.failure.message).toMatch(/found user …x{40}RIGHTy{155}…, expected user …x{40}LEFTy{156}…\.$/);
  });

  it('says that the model was asked where something else came first', async () => {
    const between: Recording = { id: 'b', messages: [{ role: 'user', text: 'a' }, { role: 'user', text: 'more' }, { role: 'assistant', text: 'c' }] };
    const result = await recordedProvider(() => [between]).call(request(between.messages.slice(0, 1), { recording: 'b' }));
    expect(result).toMatchObject({ failure: { code: 'recorded/diverged', message: expect.stringContaining('at message 1: found a call of the model, expected a message with the role user') } });
  });

  it('has no answer after the last one', async () => {
    expect(await refused(recorded)).toEqual(['recorded/exhausted', expect.stringContaining('after 6 messages')]);
    expect(await refused(recorded.slice(0, 5))).toEqual(['recorded/exhausted', expect.stringContaining('after 5 messages')]);
    expect(await refused([...recorded, { role: 'assistant', text: 'You are welcome.' }])).toEqual(['recorded/exhausted', expect.any(String)]);
  });

  it('needs to be told which recording is meant', async () => {
    expect(await refused(recorded, {})).toEqual(['recorded/unknown', expect.stringContaining('Found no recording in the metadata of the run')]);
    expect(await refused(recorded, { recording: 'order 8' })).toEqual(['recorded/unknown', expect.stringContaining('Found the recording "order 8"')]);
    expect(await refused(recorded, { recording: 7 })).toEqual(['recorded/unknown', expect.stringContaining('Found the recording 7')]);
  });
});

describe('a source of recordings', () => {
  const first = recorded.slice(0, 2);

  it('is read once, however many runs ask at the same time, and not before', async () => {
    let readings = 0;
    async function* source() {
      readings += 1;
      await Promise.resolve();
      yield recording;
    }
    const provider = recordedProvider(source);
    expect(readings).toBe(0);
    const results = await Promise.all(Array.from({ length: 5 }, () => provider.call(request(first))));
    results.push(await provider.call(request(first)));
    expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'completed'));
    expect(readings).toBe(1);
  });

  it('is read again after it could not be', async () => {
    let readings = 0;
    const provider = recordedProvider(() => {
      readings += 1;
      if (readings === 1) throw new Error('the disk is away');
      return [recording];
    });
    expect(await provider.call(request(first))).toMatchObject({ failure: { class: 'internal', code: 'recorded/unreadable', message: 'The recordings could not be read: the disk is away' } });
    expect(await provider.call(request(first))).toMatchObject({ outcome: 'completed' });
  });

  it('gives no id twice, and not more than fits into memory', async () => {
    expect(await recordedProvider(() => [recording, { ...recording }]).call(request(first))).toMatchObject({ failure: { code: 'recorded/unreadable', message: expect.stringContaining('two recordings with the id "order 7"') } });
    expect(await recordedProvider(() => [recording, { ...recording, id: 'b' }], { recordingsMax: 1 }).call(request(first))).toMatchObject({ failure: { code: 'recorded/unreadable', message: expect.stringContaining('more than 1 recordings') } });
  });
});
