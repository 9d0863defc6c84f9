import { agentBriefing, agentPolicy } from '@runledger/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AgentError } from './agent-error.ts';
import { defineAgent, isAgent } from './define-agent.ts';
import { defineTool } from './define-tool.ts';

const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks an order up.',
  input: z.object({ order: z.string() }),
  effect: 'none',
  execute: ({ order }) => ({ order, state: 'sent' }),
});
const support = { name: 'support', instructions: 'You help customers.', model: { provider: 'openai-compatible', name: 'gpt-4o' }, tools: [lookUp] };

const problemOf = (definition: Parameters<typeof defineAgent>[0]): string => {
  try {
    defineAgent(definition);
  } catch (error) {
    if (error instanceof AgentError && error.code === 'agent/invalid') return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
};

describe('an agent', () => {
  it('is the policy and the briefing that a run is pinned to, with defaults for what was left out', () => {
    const agent = defineAgent(support);
    expect(agent.policy).toEqual({
      name: 'support',
      version: expect.stringMatching(/^[\w-]{22}$/),
      turns: 'single',
      model: { provider: 'openai-compatible', name: 'gpt-4o' },
      tools: [lookUp.policy],
      limits: { modelCallsMax: 50, stepsMax: 500, toolCallsPerTurnMax: 16, toolCallsMax: 250, inputsMax: 200, attemptsMax: 4, modelTimeoutMs: 120_000 },
      unknownToolText: 'Error: unknown tool {tool}',
    });
    expect(agent.briefing).toEqual({ instructions: 'You help customers.', tools: [lookUp.declaration] });
    expect(agent.tools.get('look_up')).toBe(lookUp);
    expect(agentPolicy.parse(agent.policy)).toEqual(agent.policy);
    expect(agentBriefing.parse(agent.briefing)).toEqual(agent.briefing);
    expect([isAgent(agent), isAgent({ ...support }), isAgent(null)]).toEqual([true, false, false]);
  });

  it('changes single limits and leaves the others', () => {
    const { limits } = defineAgent({ ...support, limits: { modelCallsMax: 30, deadlineMs: 1000 } }).policy;
    expect(limits).toMatchObject({ modelCallsMax: 30, deadlineMs: 1000, stepsMax: 500 });
  });

  it('has the same version for the same bundle, and another for any other', () => {
    const { version } = defineAgent(support).policy;
    expect(defineAgent({ ...support, turns: 'single', limits: {}, model: { name: 'gpt-4o', provider: 'openai-compatible' } }).policy.version).toBe(version);
    const others = [
      { name: 'care' },
      { instructions: 'You help.' },
      { model: { ...support.model, temperature: 0 } },
      { tools: [] },
      { turns: 'many' as const },
      { limits: { attemptsMax: 1 } },
      { unknownToolText: 'No.' },
    ];
    expect(new Set(others.map((other) => defineAgent({ ...support, ...other }).policy.version)).add(version).size).toBe(8);
  });

  it('cannot be changed', () => {
    const agent = defineAgent(support);
    expect(() => Object.assign(agent.policy.limits, { modelCallsMax: 1 })).toThrow(TypeError);
    expect(() => agent.briefing.tools.pop()).toThrow(TypeError);
    expect(() => Object.assign(agent, { policy: null })).toThrow(TypeError);
  });

  it('is refused with what was found and what was expected', () => {
    expect(problemOf({ ...support, name: 'Support Team' })).toContain('The agent "Support Team" cannot be used: name: expected 1–63 characters');
    expect(problemOf({ ...support, tools: [lookUp, lookUp] })).toContain('tools.1: there are two tools named "look_up"; rename one');
    expect(problemOf({ ...support, tools: [{ name: 'x' } as never] })).toContain('tools.0: expected what defineTool returns');
    expect(problemOf({ ...support, limits: { modelCallsMax: 0, atttemptsMax: 3 } as never })).toMatch(/limits\.modelCallsMax: .*limits: .*atttemptsMax/);
    expect(problemOf({ ...support, model: { provider: 'openai-compatible' } as never })).toContain('model.name: ');
    expect(problemOf({ ...support, instructions: undefined as never })).toContain('instructions: ');
  });
});
