/** A decision in the making: the events so far, and the state they lead to. Lives for one call of `decide`. */
import { EVENT_VERSIONS, type EventData, type EventType, type RunCommand, type RunEvent } from '@runledger/contracts';
import { type Hash } from '@runledger/event-sourcing';
import { evolve } from './evolve.ts';
import { placeOf } from './transcript.ts';
import { type ActiveRun, type Run } from './state.ts';

/** What comes with a command: who asks, when, and of which run. `time` in ms since 1970. */
export interface RunCommandEnvelope {
  readonly id: string;
  readonly tenant: string;
  readonly run: string;
  readonly time: number;
  readonly actor: string;
  readonly trace?: string | undefined;
  /** The worker that stands beside the owner: effects are claimed for it in the record that requests them. */
  readonly worker: string;
  readonly command: RunCommand;
}

export class Draft {
  readonly events: RunEvent[] = [];
  readonly envelope: RunCommandEnvelope;
  readonly hash: Hash;
  state: Run;

  constructor(state: Run, envelope: RunCommandEnvelope, hash: Hash) {
    this.state = state;
    this.envelope = envelope;
    this.hash = hash;
  }

  get time(): number {
    return this.envelope.time;
  }

  emit<Type extends EventType>(type: Type, data: EventData<Type>): void {
    const event = { type, version: EVENT_VERSIONS[type], data } as unknown as RunEvent;
    this.events.push(event);
    this.state = evolve(this.state, event, this.time);
  }

  /** The run, if it still takes part; undefined once it has ended. */
  get active(): ActiveRun | undefined {
    return this.state.status === 'active' ? this.state : undefined;
  }

  /** A piece of content for an event: with its body only where it stands nowhere in the run yet. */
  content<Body>(body: Body): { hash: string; body?: Body } {
    const digest = this.hash(JSON.stringify(body));
    const known = this.state.status === 'active' && placeOf(this.state.contents, digest) !== undefined;
    return known ? { hash: digest } : { hash: digest, body };
  }
}
