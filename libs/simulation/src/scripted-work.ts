/** Models and tools whose answers follow from the seed and the place in the run, and a record of what they did to the world. */
import { type AssistantContent } from '@runledger/contracts';
import { type ModelResult, type ModelTask, type TaskHandlers, type ToolResult, type ToolTask } from '@runledger/runtime';
import { type Random } from '@runledger/event-sourcing/testing';
import { type OwnClock } from './virtual-clock.ts';

const TURNS_MAX = 6;

/** What reached the outside: how often each key, or each call without one, had its effect. */
export class OutsideWorld {
  readonly applied = new Map<string, number>();
  readonly asked = new Map<string, number>();
  /** Calls of `once` tools by step: each may happen at most once. */
  readonly once = new Map<string, number>();
  calls = 0;
}

export interface WorkFaults {
  /** Probabilities per call. */
  readonly fails: number;
  readonly slow: number;
}

export function scriptedHandlers(clock: OwnClock, random: Random, world: OutsideWorld, faults: WorkFaults): TaskHandlers {
  const take = (): Promise<void> => new Promise((resolve) => clock.after(random.next() < faults.slow ? random.integer(100, 90_000) : random.integer(0, 5), resolve));
  return {
    canDo: () => true,
    model: async (task) => {
      await take();
      world.calls++;
      return random.next() < faults.fails ? failedModel : answerOf(task);
    },
    tool: async (task) => {
      await take();
      world.calls++;
      if (task.tool.effect !== 'none') applyEffect(world, task);
      const result = random.next() < faults.fails ? failedTool : { outcome: 'completed' as const, output: `${task.tool.name} of step ${task.step}` };
      await take();
      return result;
    },
  };
}

function applyEffect(world: OutsideWorld, task: ToolTask): void {
  const key = task.key ?? `${task.run} ${task.step}`;
  world.asked.set(key, (world.asked.get(key) ?? 0) + 1);
  if (task.tool.effect === 'once') {
    const step = `${task.run} ${task.step}`;
    world.once.set(step, (world.once.get(step) ?? 0) + 1);
  } else if (!world.applied.has(key)) world.applied.set(key, 1);
}

/** The same for every attempt of a step, whatever happened before. */
function answerOf(task: ModelTask): ModelResult {
  const usage = { inputTokens: 10, outputTokens: 5 };
  const seed = digits(task.run) + task.step * 7;
  if (task.step > TURNS_MAX || seed % 5 === 0) return { outcome: 'completed', message: { text: `Answer of step ${task.step}.` }, usage };
  const count = 1 + (seed % 3);
  const toolCalls: AssistantContent['toolCalls'] = Array.from({ length: count }, (_, k) => {
    const tool = ['look', 'pay', 'send'][(seed + k) % 3] ?? 'look';
    return { id: `call-${task.step}-${k}`, tool, arguments: JSON.stringify({ amount: (seed + k) % 2 }) };
  });
  return { outcome: 'completed', message: { text: null, toolCalls }, usage };
}

const digits = (text: string): number => [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973, 7);

const failedModel: ModelResult = { outcome: 'failed', failure: { class: 'transient_upstream', origin: 'model', code: 'model/upstream', message: 'The model was not there.' } };
const failedTool: ToolResult = { outcome: 'failed', failure: { class: 'transient_upstream', origin: 'tool', code: 'tool/upstream', message: 'The tool was not there.' } };
