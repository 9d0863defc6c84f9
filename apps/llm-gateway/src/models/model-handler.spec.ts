import type { ModelTask } from '@runledger/runtime';
import { describe, expect, it } from 'vitest';
import { createModelHandler, ProviderError } from './model-handler.ts';
import type { ModelProvider, ModelRequest } from './model-provider.ts';

const answered = { outcome: 'completed', message: { text: 'Hello.' }, usage: { inputTokens: 1, outputTokens: 1 } } as const;
const answering = (name: string, asked: ModelRequest[] = []): ModelProvider => ({
  name,
  call: async (request) => {
    asked.push(request);
    return answered;
  },
});

const task = (more: Partial<ModelTask> = {}): ModelTask => ({
  kind: 'model',
  tenant: 'acme',
  run: 'run_0_00000000000000000000000000',
  agent: { name: 'support', version: 'v' },
  step: 3,
  attempt: 2,
  deadlineAt: 1_500,
  signal: new AbortController().signal,
  model: { provider: 'local', name: 'llama', temperature: 0.5, outputTokensMax: 100 },
  messages: async () => [{ role: 'user', text: 'Hi.' }],
  tools: async () => [{ name: 'look_up', description: 'Looks up.', inputSchema: { type: 'object' } }],
  ...more,
});
const now = () => 1_000;

describe('a model call', () => {
  it('goes to the provider that the policy names, with everything that it needs', async () => {
    const asked: ModelRequest[] = [];
    const handler = createModelHandler([answering('other'), answering('local', asked)], { now });
    const given = task({ metadata: { recording: 'r' } });
    expect(await handler.model(given)).toEqual(answered);
    expect(asked).toMatchObject([
      {
        model: 'llama',
        temperature: 0.5,
        outputTokensMax: 100,
        messages: [{ role: 'user', text: 'Hi.' }],
        tools: [{ name: 'look_up' }],
        timeoutMs: 500,
        metadata: { recording: 'r' },
        tenant: 'acme',
        run: 'run_0_00000000000000000000000000',
        step: 3,
        attempt: 2,
      },
    ]);
    expect(asked[0]?.signal).toBe(given.signal);
  });

  it('is claimed only where its provider is', async () => {
    const handler = createModelHandler([answering('local')], { now });
    const elsewhere = task({ model: { provider: 'remote', name: 'm' } });
    expect([handler.canDo(task()), handler.canDo(elsewhere), handler.canDo({ kind: 'tool' })]).toEqual([true, false, false]);
    expect(await handler.model(elsewhere)).toMatchObject({ outcome: 'failed', failure: { class: 'internal', code: 'model/unknown-provider', message: 'Found the provider "remote", expected one of those that are configured here: local.' } });
  });

  it('fails in the platform’s words where something throws', async () => {
    const throwing: ModelProvider = { name: 'local', call: () => Promise.reject(new Error('x'.repeat(9_000))) };
    const result = await createModelHandler([throwing], { now }).model(task());
    expect(result).toMatchObject({ failure: { class: 'internal', origin: 'model', code: 'model/provider-threw' } });
    expect(result.outcome === 'failed' && result.failure.message.length).toBe(4_000);
    const unreadable = task({ messages: () => Promise.reject(new Error('the log is away')) });
    expect(await createModelHandler([answering('local')], { now }).model(unreadable)).toMatchObject({ failure: { class: 'internal', origin: 'orchestration', code: 'task/unreadable' } });
  });

  it('is not started after its deadline', async () => {
    const asked: ModelRequest[] = [];
    const handler = createModelHandler([answering('local', asked)], { now: () => 1_500 });
    expect(await handler.model(task())).toMatchObject({ failure: { class: 'timeout', code: 'model/not-started' } });
    expect(asked).toEqual([]);
  });

  it('has one provider for a name', () => {
    expect(() => createModelHandler([answering('local'), answering('local')])).toThrow(ProviderError);
  });
});
