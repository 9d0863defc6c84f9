import { answers, startTestHarness } from '@runledger/sdk/testing';
import { expect, it } from 'vitest';
import { weather } from './agent.ts';

it('looks the temperature up before it answers', async () => {
  const model = answers({ calls: [{ tool: 'temperature', arguments: { city: 'Lima' } }] }, 'It is 19 °C in Lima.');
  const harness = await startTestHarness({ agents: [weather], model });
  const run = await harness.run('weather', 'How warm is it in Lima?');
  expect(run.view.status).toBe('completed');
  expect(run.output).toBe('It is 19 °C in Lima.');
  const outputs = run.events.flatMap(({ type, data }) => (type === 'runledger.run.ToolCallCompleted' ? [(data as { output: { body: string } }).output.body] : []));
  expect(outputs).toEqual(['19']);
  await harness.close();
});
