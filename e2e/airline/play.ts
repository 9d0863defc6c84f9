/** Plays one recorded conversation through the platform's public API, and holds what it did against the recording. */
import { agentUtterances, endedByItself, score, type Conversations, type TrialConversation } from '@runledger/example-airline';
import { RunledgerError, connect, type CloudEvent, type RunView } from '@runledger/sdk';
import { said } from './said.ts';

export interface Played {
  readonly conversation: TrialConversation;
  readonly view: RunView;
  readonly toolOutputs: number;
  readonly reward: 0 | 1;
  /** The first thing that is not as recorded. */
  readonly inequality: string | undefined;
  readonly attemptsRepeated: number;
}

export interface Target {
  readonly url: string;
  readonly apiKey: () => string;
  readonly conversations: Conversations;
}

const WAIT_SECONDS = 20;
const PATIENCE_MS = 120_000;
const RETRY_MS = 25;

export const runIdOf = (conversation: TrialConversation): string => `airline-${conversation.recording.replaceAll('/', '-task-')}`;

export async function play(conversation: TrialConversation, target: Target): Promise<Played> {
  const id = runIdOf(conversation);
  const inputs = conversation.messages.flatMap((message) => (message.role === 'user' ? [message.content] : []));
  const { runs } = connect({ url: target.url, apiKey: target.apiKey() });
  await persist(() => runs.start({ agent: 'airline', input: inputs[0] ?? '', id, metadata: { recording: conversation.recording } }));
  let view = await persist(() => runs.get(id, { wait: WAIT_SECONDS }));
  for (let k = 1; k < inputs.length && view.status === 'waiting'; k++) {
    const input = inputs[k] ?? '';
    await persist(() => runs.input(id, { input, id: `input-${k}`, ...(input.includes('###STOP###') ? { final: true } : {}) }));
    view = await persist(() => runs.get(id, { wait: WAIT_SECONDS }));
    while (view.status === 'running') view = await persist(() => runs.get(id, { wait: WAIT_SECONDS }));
  }
  const events = await persist(async () => {
    const all: CloudEvent[] = [];
    for await (const event of runs.events(id)) all.push(event);
    return all;
  });
  return judge(conversation, view, events, target.conversations);
}

function judge(conversation: TrialConversation, view: RunView, events: readonly CloudEvent[], conversations: Conversations): Played {
  const { instructions, messages } = said(events);
  const all = [{ role: 'system' as const, content: instructions }, ...messages];
  const { reward } = score({ task: conversation.task, agentUtterances: agentUtterances(all), endedByItself: endedByItself(all), finalDatabase: conversations.finalState(view.id) });
  return {
    conversation, view, reward,
    toolOutputs: all.filter((message) => message.role === 'tool').length,
    inequality: firstInequality(conversation, view, all, reward),
    attemptsRepeated: events.filter(({ data }) => typeof data === 'object' && data !== null && 'attempt' in data && Number(data.attempt) > 1).filter(({ type }) => type.endsWith('Requested')).length,
  };
}

function firstInequality(conversation: TrialConversation, view: RunView, messages: readonly unknown[], reward: number): string | undefined {
  if (view.failure !== undefined && !view.failure.code.startsWith('limit/')) return `the run failed with ${view.failure.code}: ${view.failure.message}`;
  for (let k = 0; k < Math.max(messages.length, conversation.messages.length); k++) {
    const found = JSON.stringify(messages[k]);
    const expected = JSON.stringify(conversation.messages[k]);
    if (found !== expected) return `message ${k} is ${found ?? 'missing'}, recorded was ${expected ?? 'nothing'}`;
  }
  if (reward !== conversation.recordedReward) return `the reward is ${reward}, recorded was ${conversation.recordedReward}`;
  return undefined;
}

/** Goes on through restarts of the platform; every request here may be repeated. */
async function persist<Result>(request: () => Promise<Result>): Promise<Result> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      const passing = error instanceof RunledgerError && (error.status === undefined || error.status >= 500);
      if (!passing || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
