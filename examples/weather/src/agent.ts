import { defineAgent, defineTool } from '@runledger/sdk';
import { z } from 'zod';

const stations: Record<string, number> = { Oslo: 4, Lagos: 31, Lima: 19 };

const temperature = defineTool({
  name: 'temperature',
  description: 'The temperature in a city now, in °C.',
  input: z.object({ city: z.string() }),
  effect: 'none',
  execute: ({ city }) => stations[city] ?? `There is no station in ${city}.`,
});

export const weather = defineAgent({
  name: 'weather',
  instructions: 'Say how warm it is, in one sentence. Look it up; never guess.',
  model: { provider: 'openai', name: 'gpt-4o' },
  tools: [temperature],
});
