import { describe, expect, it } from 'vitest';
import { AnswerAssembly } from './answer-assembly.ts';
import { MalformedAnswer, readChunk } from './chat-chunk.ts';
import { chatRequest } from './chat-request.ts';

const delta = (said: object, more: object = {}) => ({ choices: [{ index: 0, delta: said, ...more }] });
const calls = (...tool_calls: object[]) => delta({ tool_calls });
const assembled = (...chunks: object[]) => {
  const answer = new AnswerAssembly();
  for (const chunk of chunks) answer.add(readChunk(JSON.stringify(chunk)));
  return answer;
};
const message = (...chunks: object[]) => assembled(...chunks).message('call_3_1');

describe('an answer in pieces', () => {
  it('is the text of all pieces', () => {
    expect(message(delta({ role: 'assistant', content: '' }), delta({ content: 'It was ' }), delta({ content: 'sent.' }))).toEqual({ text: 'It was sent.' });
    expect(message(delta({ content: [{ type: 'thinking' }, { type: 'text', text: 'Yes.' }] }))).toEqual({ text: 'Yes.' });
    expect(message(delta({ content: null }), delta({ refusal: 'I cannot.' }))).toEqual({ text: 'I cannot.' });
    expect(message(delta({ content: '' }, { finish_reason: 'stop' }))).toEqual({ text: '' });
  });

  it('has its calls put together by index, though their pieces are mixed', () => {
    const answer = message(
      calls({ index: 0, id: 'a', type: 'function', function: { name: 'look_up', arguments: '' } }),
      calls({ index: 1, id: 'b', function: { name: 'refund', arguments: '{"am' } }, { index: 0, function: { arguments: '{"order"' } }),
      calls({ index: 0, function: { arguments: ':"7"}' } }, { index: 1, function: { arguments: 'ount":3}' } }),
    );
    expect(answer).toEqual({ text: null, toolCalls: [{ id: 'a', tool: 'look_up', arguments: '{"order":"7"}' }, { id: 'b', tool: 'refund', arguments: '{"amount":3}' }] });
  });

  it('keeps text beside calls', () => {
    expect(message(delta({ content: 'A moment.' }), calls({ index: 0, id: 'a', function: { name: 'look_up', arguments: '{}' } }))).toMatchObject({ text: 'A moment.', toolCalls: [{ id: 'a' }] });
  });

  it('tells calls apart where a server numbers them all 0 or not at all', () => {
    const whole = (more: object) => calls({ ...more, function: { name: 'look_up', arguments: '{}' } });
    const ids = (...chunks: object[]) => message(...chunks).toolCalls?.map(({ id }) => id);
    expect(ids(whole({ index: 0, id: 'a' }), whole({ index: 0, id: 'b' }))).toEqual(['a', 'b']);
    expect(ids(whole({ id: 'a' }), whole({ id: 'b' }))).toEqual(['a', 'b']);
    expect(ids(calls({ function: { name: 'look_up', arguments: '{}' } }, { function: { name: 'look_up', arguments: '{}' } }))).toEqual(['call_3_1_0', 'call_3_1_1']);
    expect(message(whole({ index: 0, id: 'a' }), calls({ index: 0, id: 'other', function: { arguments: ' ' } }))).toMatchObject({ toolCalls: [{ id: 'a', arguments: '{} ' }] });
    expect(message(calls({ id: 'a', function: { name: 'look_up', arguments: '{' } }), calls({ function: { arguments: '}' } }))).toMatchObject({ toolCalls: [{ id: 'a', arguments: '{}' }] });
  });

  it('makes ids where they are missing, too long or given twice', () => {
    const call = (index: number, id?: string) => ({ index, id, function: { name: 'look_up', arguments: '{}' } });
    expect(message(calls(call(0), call(1, 'a'), call(2, 'a'), call(3, 'x'.repeat(201)))).toolCalls?.map(({ id }) => id)).toEqual(['call_3_1_0', 'a', 'call_3_1_2', 'call_3_1_3']);
  });

  it('takes arguments that come as an object, whole answers, and the first choice only', () => {
    const whole = { choices: [{ index: 1, message: { content: 'second' } }, { index: 0, message: { content: null, tool_calls: [{ id: 'a', function: { name: 'look_up', arguments: { order: '7' } } }] }, finish_reason: 'tool_calls' }] };
    const answer = assembled(whole);
    expect(answer.message('c')).toEqual({ text: null, toolCalls: [{ id: 'a', tool: 'look_up', arguments: '{"order":"7"}' }] });
    expect(answer.finishReason).toBe('tool_calls');
  });

  it('is malformed where a call has no name, or is more than the log takes', () => {
    expect(() => message(calls({ index: 0, id: 'a', function: { arguments: '{}' } }))).toThrow(MalformedAnswer);
    expect(() => message(calls(...Array.from({ length: 1001 }, (_, index) => ({ index, id: `${index}`, function: { name: 'a', arguments: '' } }))))).toThrow(MalformedAnswer);
    for (const json of ['', '{', '[]', '"text"', 'null', '<html>']) expect(() => readChunk(json)).toThrow(MalformedAnswer);
  });

  it('passes over what is of another kind than expected', () => {
    const odd = [{}, { choices: null }, { choices: [null, 3] }, { choices: [{ delta: 'x' }] }, delta({ content: 7, tool_calls: 'none' }), { choices: [{ delta: { content: 'a' }, finish_reason: 3 }], usage: 'many', model: 4 }];
    const answer = assembled(...odd);
    expect([answer.message('c'), answer.finishReason, answer.usage, answer.model]).toEqual([{ text: 'a' }, undefined, undefined, undefined]);
  });

  it('counts tokens as the provider did, cached and reasoning ones too', () => {
    const usage = { prompt_tokens: 120, completion_tokens: 30, prompt_tokens_details: { cached_tokens: 100 }, completion_tokens_details: { reasoning_tokens: 20 } };
    expect(assembled({ choices: [], usage }).usage).toEqual({ inputTokens: 120, outputTokens: 30, cacheReadTokens: 100, reasoningTokens: 20 });
    expect(assembled({ choices: [], usage }, delta({ content: 'a' })).usage).toMatchObject({ inputTokens: 120 });
    expect(assembled({ usage: { prompt_tokens: -1, completion_tokens: 1.5, prompt_tokens_details: null } }).usage).toEqual({ inputTokens: 0, outputTokens: 0 });
    expect(assembled({}).countedUsage).toEqual({ inputTokens: 0, outputTokens: 0 });
  });
});

describe('what is asked', () => {
  const request = {
    model: 'gpt-4o',
    messages: [
      { role: 'system', text: 'You help.' },
      { role: 'user', text: 'Where is it?' },
      { role: 'assistant', text: null, toolCalls: [{ id: 'a', tool: 'look_up', arguments: '{"order":"7"}' }] },
      { role: 'tool', callId: 'a', tool: 'look_up', text: 'sent' },
      { role: 'assistant', text: null },
    ],
    tools: [{ name: 'look_up', description: 'Looks up.', inputSchema: { type: 'object' } }],
    signal: new AbortController().signal,
    timeoutMs: 1,
    metadata: {},
    tenant: 'acme',
    run: 'r',
    step: 1,
    attempt: 1,
  } as const;

  it('is the transcript and the tools in the words of the API', () => {
    expect(chatRequest({ ...request, temperature: 0, outputTokensMax: 10 }, { outputTokensField: 'max_tokens', streamUsage: true })).toEqual({
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: 'You help.' },
        { role: 'user', content: 'Where is it?' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'look_up', arguments: '{"order":"7"}' } }] },
        { role: 'tool', tool_call_id: 'a', content: 'sent' },
        { role: 'assistant', content: '' },
      ],
      tools: [{ type: 'function', function: { name: 'look_up', description: 'Looks up.', parameters: { type: 'object' } } }],
      temperature: 0,
      max_tokens: 10,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('leaves out what was not asked for, and what a server does not know', () => {
    const body = chatRequest({ ...request, tools: [], outputTokensMax: 5 }, { outputTokensField: 'max_completion_tokens', streamUsage: false });
    expect(Object.keys(body)).toEqual(['model', 'messages', 'max_completion_tokens', 'stream']);
  });
});
