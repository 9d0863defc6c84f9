/** The agents of the specs, and models and tools that do as their agent's name says. */
import { type AgentBriefing, type AgentPolicy } from '@runledger/contracts';
import { type ModelResult, type ModelTask, type TaskHandlers, type ToolResult, type ToolTask } from '@runledger/runtime';
import { type Agents } from '../agents/agents.ts';

const LIMITS: AgentPolicy['limits'] = { modelCallsMax: 2_000, stepsMax: 5_000, toolCallsPerTurnMax: 16, toolCallsMax: 2_000, inputsMax: 3, attemptsMax: 3, modelTimeoutMs: 60_000 };

function agent(name: string, rest: Partial<AgentPolicy> = {}): AgentPolicy {
  return { name, version: `${name}-v1`, turns: 'single', model: { provider: 'scripted', name: 'scripted-1' }, tools: [], limits: LIMITS, unknownToolText: 'There is no tool {tool}.', ...rest };
}

const tool = (name: string, effect: 'none' | 'once'): AgentPolicy['tools'][number] => ({ name, version: `${name}-v1`, effect, timeoutMs: 60_000 });

export const POLICIES: readonly AgentPolicy[] = [
  /** Answers at once. */
  agent('desk'),
  /** Answers each input, and waits for the next. */
  agent('talker', { turns: 'many' }),
  /** Calls `lookup` as often as the run's attribute `calls` says, one after the other; each output has `bytes` characters. */
  agent('caller', { tools: [tool('lookup', 'none')] }),
  /** Calls `book`, whose outcome stays unknown. */
  agent('booker', { tools: [tool('book', 'once')] }),
  /** Answer once they are let. */
  agent('slow', { turns: 'many' }),
  agent('slow-once'),
];

const BRIEFING: AgentBriefing = {
  instructions: 'Do as your name says.',
  tools: ['lookup', 'book'].map((name) => ({ name, description: `Does ${name}.`, inputSchema: { type: 'object' } })),
};

export const AGENTS: Agents = {
  list: () => POLICIES,
  find: (name) => {
    const policy = POLICIES.find((candidate) => candidate.name === name);
    return policy === undefined ? undefined : { policy, briefing: { ...BRIEFING, tools: BRIEFING.tools.filter((declared) => policy.tools.some((own) => own.name === declared.name)) } };
  },
};

export class ScriptedWorker implements TaskHandlers {
  #release: (() => void)[] = [];
  #open = false;

  /** Lets every model call of the slow ones go on, now and later. */
  release(): void {
    this.#open = true;
    for (const release of this.#release.splice(0)) release();
  }

  canDo(): boolean {
    return true;
  }

  async model(task: ModelTask): Promise<ModelResult> {
    if (task.agent.name.startsWith('slow')) await this.#released(task.signal);
    // One call a turn: model calls are the odd steps.
    const calls = Math.floor(task.step / 2);
    const wanted = task.agent.name === 'caller' ? Number(task.metadata?.['calls'] ?? 1) : task.agent.name === 'booker' ? 1 : 0;
    const usage = { inputTokens: 10, outputTokens: 5 };
    if (calls >= wanted) return { outcome: 'completed', message: { text: `answer of step ${task.step}` }, usage };
    const name = task.agent.name === 'caller' ? 'lookup' : 'book';
    return { outcome: 'completed', message: { text: null, toolCalls: [{ id: `call_${calls}`, tool: name, arguments: '{}' }] }, usage };
  }

  async tool(task: ToolTask): Promise<ToolResult> {
    if (task.tool.name === 'lookup') return { outcome: 'completed', output: `${task.step} ${'x'.repeat(Number(task.metadata?.['bytes'] ?? 10))}` };
    return { outcome: 'failed', failure: { class: 'transient_upstream', origin: 'tool', code: 'tool/no-answer', message: 'The connection broke.' }, outcomeUnknown: true };
  }

  #released(signal: AbortSignal): Promise<void> {
    if (this.#open) return Promise.resolve();
    return new Promise((resolve) => {
      this.#release.push(resolve);
      signal.addEventListener('abort', () => resolve());
    });
  }
}
