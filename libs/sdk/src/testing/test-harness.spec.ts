import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAgent, defineTool } from '../index.ts';
import { answers, startTestHarness, type TestHarness, type TestModel } from './index.ts';

let harness: TestHarness | undefined;
afterEach(() => harness?.close());

const paid: string[] = [];
const pay = defineTool({
  name: 'pay', description: 'Pays.', input: z.object({ amount: z.number() }), effect: 'idempotent',
  execute: ({ amount }, { key }) => {
    paid.push(key ?? '');
    if (amount < 0) throw new Error('The amount is negative.');
    return { paid: amount };
  },
});
const chat = defineAgent({ name: 'chat', instructions: 'Talk.', model: { provider: 'test', name: 'test' }, turns: 'many', tools: [pay] });

async function started(model: TestModel): Promise<TestHarness> {
  paid.length = 0;
  harness = await startTestHarness({ agents: [chat], model });
  return harness;
}

describe('the test harness', () => {
  it('parks a conversation until the next input, and ends it with the final one', async () => {
    const h = await started(answers('Hello.', 'Fine.'));
    const first = await h.run('chat', 'Hi');
    expect([first.view.status, first.view.waitingFor, first.output]).toEqual(['waiting', 'input', 'Hello.']);
    const second = await h.input(first.id, 'How are you?');
    expect([second.view.status, second.output]).toEqual(['waiting', 'Fine.']);
    const last = await h.input(first.id, 'Bye', { final: true });
    expect([last.view.status, last.view.reason]).toEqual(['completed', 'input']);
  });

  it('tells the model what a tool threw, and what does not fit its schema', async () => {
    const seen: string[] = [];
    const h = await started((call) => {
      const last = call.messages.at(-1);
      if (last?.role === 'tool') seen.push(last.text);
      return answers({ calls: [{ tool: 'pay', arguments: { amount: -1 } }] }, { calls: [{ tool: 'pay', arguments: { amount: 'much' } }] }, 'Sorry.')(call);
    });
    const run = await h.run('chat', 'Pay');
    expect(run.output).toBe('Sorry.');
    expect(seen[0]).toBe('Error: The amount is negative.');
    expect(seen[1]).toMatch(/^Error: .*amount/);
  });

  it('refuses what the rules refuse, with their code', async () => {
    const h = await started(answers('Hello.'));
    const { id } = await h.run('chat', 'Hi');
    await h.cancel(id);
    await expect(h.input(id, 'Still there?')).rejects.toMatchObject({ code: 'run/ended' });
    await expect(h.run('nobody', 'Hi')).rejects.toMatchObject({ code: 'agent/unknown' });
  });

  it('goes on after a restart where the run was, under the same key', async () => {
    let fail = true;
    const h = await started(async (call) => {
      const answer = await answers({ calls: [{ tool: 'pay', arguments: { amount: 5 } }] }, 'Paid.')(call);
      if (answer === 'Paid.' && fail) {
        fail = false;
        await new Promise(() => undefined);
      }
      return answer;
    });
    const id = await h.begin('chat', 'Pay 5');
    await expect.poll(() => fail).toBe(false);
    await h.restart();
    const run = await h.settled(id);
    expect([run.output, run.view.attempts - run.view.steps]).toEqual(['Paid.', 1]);
    expect(paid).toHaveLength(1);
  });
});
