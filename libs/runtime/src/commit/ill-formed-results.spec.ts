/** Workers that do not keep to the shapes: their attempt fails, and nobody else's. */
import { runIdIn, type AgentPolicy } from '@runledger/contracts';
import { MemoryRunIndex, MemoryStore, memoryInbox, memoryLog } from '@runledger/event-sourcing/testing';
import { expect, it } from 'vitest';
import { Engine, InProcessLane, newId, sha256, systemClock, type ModelResult, type ModelTask } from '../index.ts';

const agent: AgentPolicy = {
  name: 'any', version: '1', turns: 'single', model: { provider: 'p', name: 'm' }, tools: [], unknownToolText: '?',
  limits: { modelCallsMax: 3, stepsMax: 9, toolCallsPerTurnMax: 1, toolCallsMax: 1, inputsMax: 1, attemptsMax: 2, modelTimeoutMs: 1_000 },
};

async function outcomesOf(answer: (task: ModelTask) => ModelResult, count: number): Promise<readonly string[]> {
  const store = new MemoryStore();
  const lane = new InProcessLane({ worker: 'w', clock: systemClock, random: () => 0, report: () => undefined, handlers: { canDo: () => true, model: (task) => Promise.resolve(answer(task)), tool: () => Promise.reject(new Error('none')) } });
  const engine = new Engine({ log: memoryLog(store), inbox: memoryInbox(store), index: new MemoryRunIndex(), lane, clock: systemClock, hash: sha256, newId, random: () => 0, report: () => undefined });
  await engine.start();
  const runs = Array.from({ length: count }, () => runIdIn(0, newId()));
  await Promise.all(runs.map(async (run, k) => {
    const { decided } = await engine.submit({ schema: 'runledger.command.v1', id: newId(), tenant: 't', run, time: 1, actor: 'a', command: { type: 'StartRun', agent, briefing: { instructions: 'x', tools: [] }, input: `${k}` } });
    await decided;
  }));
  const states = async () => Promise.all(runs.map(async (run) => (await engine.runs.find(run))?.state));
  await expect.poll(async () => (await states()).every((state) => state?.status !== 'active')).toBe(true);
  const ended = (await states()).map((state) => (state?.status === 'failed' ? `failed ${state.reason}` : (state?.status ?? 'absent')));
  await engine.stop(0);
  return ended;
}

it('fails the attempt whose result has another shape, and records the results beside it', async () => {
  let calls = 0;
  const ended = await outcomesOf(() => {
    calls++;
    const usage = { inputTokens: calls === 2 ? -1.5 : 1, outputTokens: 1 };
    return { outcome: 'completed', message: { text: 'Fine.' }, usage };
  }, 3);
  expect([...ended].sort()).toEqual(['completed', 'completed', 'failed command/defect']);
});

it('fails the attempt whose result is no result at all', async () => {
  const ended = await outcomesOf(() => ({ outcome: 'completed', message: null, usage: 7 }) as unknown as ModelResult, 2);
  expect(ended).toEqual(['failed command/defect', 'failed command/defect']);
});
