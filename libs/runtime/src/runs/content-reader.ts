/** The messages and arguments that a task needs, put together from the content of its run. */
import { type AgentBriefing, type AssistantContent, type Message, type ToolCall } from '@runledger/contracts';
import { entriesOf, placeOf, type ActiveRun } from '@runledger/domain';
import { LogError } from '@runledger/event-sourcing';
import { type LiveRun } from './live-run.ts';
import { type RunLoader } from './run-loader.ts';

export class ContentReader {
  readonly #loader: RunLoader;

  constructor(loader: RunLoader) {
    this.#loader = loader;
  }

  /** The body of a piece of content of this run. Throws `LogError` `log/corrupt` if the log does not have it. */
  async body(partition: number, live: LiveRun, hash: string): Promise<unknown> {
    const known = live.contents.get(hash);
    if (known !== undefined) return known;
    for (const { transition } of await this.#loader.records(partition, live.run, 0)) for (const event of transition.events) live.remember(event.data);
    const found = live.contents.get(hash);
    if (found === undefined) throw new LogError('log/corrupt', `Run ${live.run} refers to the content ${hash}, which stands nowhere in it.`, { partition });
    return found;
  }

  /** As `body`, for one piece alone: reads the one record that holds it. */
  async bodyAlone(partition: number, live: LiveRun, hash: string): Promise<unknown> {
    const place = live.state.status === 'absent' || live.contents.has(hash) ? undefined : placeOf(live.state.contents, hash);
    if (place !== undefined) for (const { transition } of await this.#loader.records(partition, live.run, place - 1, 1)) for (const event of transition.events) live.remember(event.data);
    return this.body(partition, live, hash);
  }

  async briefing(partition: number, live: LiveRun, run: ActiveRun): Promise<AgentBriefing> {
    return (await this.body(partition, live, run.briefing)) as AgentBriefing;
  }

  /** The first `count` messages of the transcript, after the system message. */
  async messages(partition: number, live: LiveRun, run: ActiveRun, count: number): Promise<readonly Message[]> {
    const { instructions } = await this.briefing(partition, live, run);
    const messages: Message[] = [{ role: 'system', text: instructions }];
    for (const entry of entriesOf(run.transcript, 0, count)) {
      // Nearly always in memory: a wait for each message would be most of the cost of a long run.
      const body = live.contents.get(entry.hash) ?? (await this.body(partition, live, entry.hash));
      if (entry.role === 'user') messages.push({ role: 'user', text: body as string });
      else if (entry.role === 'tool') messages.push({ role: 'tool', callId: entry.callId ?? '', tool: entry.tool ?? '', text: body as string });
      else messages.push({ role: 'assistant', ...(body as AssistantContent) });
    }
    return messages;
  }

  async call(partition: number, live: LiveRun, message: string, index: number): Promise<ToolCall> {
    const { toolCalls } = (await this.body(partition, live, message)) as AssistantContent;
    const call = toolCalls?.[index];
    if (call === undefined) throw new LogError('log/corrupt', `Message ${message} of run ${live.run} has no tool call ${index}.`, { partition });
    return call;
  }
}
