/** Events as the platform presents them, written by hand; what a spec does not care about is the same everywhere. */
import { createHash } from 'node:crypto';
import type { AgentPolicy, AssistantContent, CloudEvent, EventData, EventType, Failure, RunView, Usage } from '@runledger/contracts';

export const RUN = 'run_0_0123456789abcdefghijklmnop';
export const STARTED_AT = '2026-01-15T09:00:00.000Z';
export const USAGE: Usage = { inputTokens: 1200, outputTokens: 85 };
const DEADLINE_MS = Date.parse('2026-01-15T10:00:00.000Z');

export const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
/** Content where it first stands in the run. */
export const content = <Body>(body: Body): { hash: string; body: Body } => ({ hash: hash(JSON.stringify(body)), body });
/** Content that stands in the run already. */
export const known = (body: unknown): { hash: string } => ({ hash: hash(JSON.stringify(body)) });

export const AGENT: AgentPolicy = {
  name: 'support', version: '3f9a2c71', turns: 'many', model: { provider: 'scripted', name: 'scripted-1' },
  tools: [{ name: 'lookup', version: 'v1', effect: 'none', timeoutMs: 1000 }, { name: 'refund', version: 'v1', effect: 'once', timeoutMs: 1000 }],
  limits: { modelCallsMax: 10, stepsMax: 100, toolCallsPerTurnMax: 5, toolCallsMax: 50, inputsMax: 10, attemptsMax: 3, modelTimeoutMs: 60_000 },
  unknownToolText: 'There is no tool {tool}.',
};

export const FAILURE: Failure = { class: 'transient_upstream', origin: 'tool', code: 'tool/down', message: 'The shop is closed.' };

export interface Fact {
  readonly type: string;
  readonly data: unknown;
}

export function fact<Type extends EventType>(type: Type, data: EventData<Type>): Fact {
  return { type, data };
}

export const started = (input = 'Where is my order?'): Fact => fact('RunStarted', { agent: AGENT, briefing: content({ instructions: 'Help.', tools: [] }), input: content(input), requestDigest: hash('request') });
export const modelRequested = (step: number, attempt = 1): Fact => fact('ModelCallRequested', { step, attempt, model: 'scripted-1', messages: 1, context: hash('context'), deadlineAt: DEADLINE_MS });
export const says = (step: number, text: string, attempt = 1): Fact => fact('ModelCallCompleted', { step, attempt, message: content({ text }), usage: USAGE, latencyMs: 1234 });

/** The model's answer that asks for these calls. */
export const asking = (...calls: readonly [tool: string, args: unknown][]): AssistantContent => ({ text: null, toolCalls: calls.map(([tool, args], k) => ({ id: `c${k + 1}`, tool, arguments: JSON.stringify(args) })) });
export const asks = (step: number, message: AssistantContent): Fact => fact('ModelCallCompleted', { step, attempt: 1, message: content(message), calls: (message.toolCalls ?? []).map(({ id, tool }) => ({ id, tool })), usage: USAGE, latencyMs: 900 });

export const toolRequested = (step: number, message: AssistantContent, call: number, more: { attempt?: number; joins?: number } = {}): Fact => {
  const tool = message.toolCalls?.[call]?.tool ?? '';
  const { joins, attempt = 1 } = more;
  return fact('ToolCallRequested', { step, attempt, tool, message: known(message).hash, call, effect: tool === 'refund' ? 'once' : 'none', ...(joins !== undefined && { joins }), deadlineAt: DEADLINE_MS });
};
export const dispatched = (step: number, attempt = 1): Fact => fact('ToolCallDispatched', { step, attempt, worker: 'worker-1' });
export const returns = (step: number, output: string, attempt = 1): Fact => fact('ToolCallCompleted', { step, attempt, output: content(output), latencyMs: 5 });
export const toolFails = (step: number, attempt = 1, output?: string): Fact => fact('ToolCallFailed', { step, attempt, failure: FAILURE, latencyMs: 30, ...(output !== undefined && { output: content(output) }) });

/** The facts as a run's events, one a second. */
export function recorded(...facts: readonly Fact[]): CloudEvent[] {
  return facts.map(({ type, data }, k) => ({
    specversion: '1.0', id: `event-${k + 1}`, source: '/tenants/default/runs', type: `runledger.run.${type}`, subject: RUN,
    time: new Date(Date.parse(STARTED_AT) + k * 1000).toISOString(), datacontenttype: 'application/json', dataschema: `urn:runledger:event:${type}:v1`,
    tenantid: 'default', sequence: k + 1, causationid: 'cause', actor: 'key:local', hash: hash(String(k)), data,
  }));
}

export function view(more: Partial<RunView> = {}): RunView {
  return {
    id: RUN, tenant: 'default', agent: { name: AGENT.name, version: AGENT.version }, status: 'completed', reason: 'answer', output: 'It is on its way.',
    steps: 3, modelCalls: 2, toolCalls: 1, attempts: 4, usage: USAGE, sequence: 6, startedAt: STARTED_AT, updatedAt: STARTED_AT, endedAt: '2026-01-15T09:00:12.300Z', ...more,
  };
}
