/** Turns accepted requests into tasks, and tells the lane when nobody waits for one any more. */
import { type StoredRunEvent } from '@runledger/contracts';
import { isUnderWay, type ActiveRun, type OpenStep } from '@runledger/domain';
import { type Lane, type TaskOrder } from '../lanes/lane.ts';
import { type ContentReader } from './content-reader.ts';
import { type LiveRun } from './live-run.ts';

export class Dispatcher {
  readonly #lane: Lane;
  readonly #contents: ContentReader;

  constructor(lane: Lane, contents: ContentReader) {
    this.#lane = lane;
    this.#contents = contents;
  }

  /** The events have been accepted; `live.state` is the state after them. */
  follow(partition: number, live: LiveRun, events: readonly Pick<StoredRunEvent, 'type' | 'data'>[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'ModelCallRequested':
        case 'ToolCallRequested': {
          const { step, attempt } = event.data as { step: number; attempt: number };
          this.#dispatch(partition, live, step, attempt);
          break;
        }
        case 'AttemptLost': {
          const { step, attempt } = event.data as { step: number; attempt: number };
          this.#lane.abandon(live.run, step, attempt);
          break;
        }
        case 'RunCancelled':
        case 'RunExpired':
        case 'TimerFired':
          this.#abandonStale(live);
          break;
        default:
      }
    }
  }

  #dispatch(partition: number, live: LiveRun, step: number, attempt: number): void {
    const { state } = live;
    if (state.status !== 'active') return;
    const open = state.open.find((candidate) => candidate.step === step && candidate.attempt === attempt);
    if (open === undefined || !isUnderWay(open)) return;
    const order = this.#order(partition, live, state, open);
    if (order !== undefined) this.#lane.dispatch(order);
  }

  #order(partition: number, live: LiveRun, state: ActiveRun, open: OpenStep): TaskOrder | undefined {
    const { step, attempt, deadlineAt } = open;
    const common = { tenant: live.tenant, run: live.run, agent: { name: state.agent.name, version: state.agent.version }, step, attempt, deadlineAt, metadata: state.metadata };
    const contents = this.#contents;
    const briefing = () => contents.briefing(partition, live, state);
    if (open.kind === 'model') {
      return { ...common, kind: 'model', model: state.agent.model, messages: () => contents.messages(partition, live, state, open.messages), tools: async () => (await briefing()).tools };
    }
    const tool = state.agent.tools.find((candidate) => candidate.name === open.tool);
    if (tool === undefined) return undefined;
    return {
      ...common, kind: 'tool', tool, key: open.key, callId: state.turn?.calls[open.call]?.id ?? '',
      arguments: async () => (await contents.call(partition, live, open.message, open.call)).arguments,
      declaration: async () => (await briefing()).tools.find((declaration) => declaration.name === open.tool),
    };
  }

  /** Calls without an effect are broken off when their run is being stopped; an effect is left to end. */
  #abandonStale(live: LiveRun): void {
    const { state } = live;
    if (state.status !== 'active') return;
    for (const { step, attempt } of state.lost) this.#lane.abandon(live.run, step, attempt);
    if (state.ending === undefined) return;
    for (const open of state.open) if (open.kind === 'model' || open.effect === 'none') this.#lane.abandon(live.run, open.step, open.attempt);
  }
}
