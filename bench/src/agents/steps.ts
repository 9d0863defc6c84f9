/** The agent that is measured: each turn one model call and one tool call; the last turn's tool ends the run. */
import type { ModelProvider } from '@runledger/llm-gateway';
import { defineAgent, defineTool, z } from '@runledger/sdk';
import { STEPS, askModel, callTool } from '../work/stubs.ts';

const input = z.object({ query: z.string() });

export const agent = defineAgent({
  name: 'bench',
  instructions: 'You look things up, one after the other, and conclude.',
  model: { provider: 'bench', name: 'stub' },
  limits: { modelCallsMax: 1_000, stepsMax: 1_000, toolCallsMax: 1_000 },
  tools: [
    defineTool({ name: 'lookup', description: 'Looks up a query.', input, effect: 'none', execute: (_query, { run, step }) => callTool(run, step) }),
    defineTool({ name: 'conclude', description: 'Looks up the last query, and ends the run.', input, effect: 'none', endsRun: true, execute: (_query, { run, step }) => callTool(run, step) }),
  ],
});

/** Answers for runs of `steps` steps, 20 unless the run's metadata says otherwise. */
export const provider: ModelProvider = {
  name: 'bench',
  async call({ run, step, metadata: { steps = STEPS } }) {
    const { text, call, usage } = await askModel(run, step, Number(steps));
    return { outcome: 'completed', message: call === undefined ? { text } : { text, toolCalls: [call] }, usage };
  },
};
