/**
 * Given these events, when this command, then exactly these events in this order. Beside what a spec says, every
 * decision is held against what is true of all of them: its state is the fold of its events, every event fits its
 * schema, and nothing is lost on the way through JSON or a snapshot.
 */
import { expect } from 'vitest';
import { checkEvent, type RunCommand, type RunEvent, type RunStatus } from '@runledger/contracts';
import { type Decision } from '@runledger/event-sourcing';
import { decide } from '../run/decide.ts';
import { evolve } from '../run/evolve.ts';
import { readSnapshot, writeSnapshot } from '../run/snapshot.ts';
import { ABSENT, type Run } from '../run/state.ts';
import { statusOf } from '../run/view.ts';
import { NOW, RUN, TENANT, WORKER, hash } from './facts.ts';

export const fold = (events: readonly RunEvent[], from: Run = ABSENT, at: number = NOW): Run => events.reduce((state, event) => evolve(state, event, at), from);

export function given(...events: readonly RunEvent[]): Situation {
  for (const event of events) checkEvent(event);
  return new Situation(fold(events));
}

export class Situation {
  readonly state: Run;

  constructor(state: Run) {
    this.state = state;
  }

  /** `at`: when, in ms since 1970. */
  when(command: RunCommand, at: number = NOW): Decided {
    const envelope = { id: 'command-1', tenant: TENANT, run: RUN, time: at, actor: 'spec', worker: WORKER, command };
    return new Decided(this.state, decide(this.state, envelope, hash), at);
  }

  get status(): RunStatus | 'absent' {
    return this.state.status === 'absent' ? 'absent' : statusOf(this.state);
  }
}

export class Decided {
  readonly before: Run;
  readonly decision: Decision<Run, RunEvent>;
  readonly at: number;

  constructor(before: Run, decision: Decision<Run, RunEvent>, at: number) {
    this.before = before;
    this.decision = decision;
    this.at = at;
  }

  /** Exactly these events. Returns the situation after them, for the next sentence. */
  thenExactly(...expected: readonly RunEvent[]): Situation {
    const events = this.events();
    expect(events.map((event) => event.type), 'the types of the events').toEqual(expected.map((event) => event.type));
    expect(events.map(withoutContext)).toEqual(expected.map(withoutContext));
    return this.after();
  }

  /** For specs that are about something else than these events. */
  after(): Situation {
    const events = this.events();
    const { decision, before, at } = this;
    const state = decision.outcome === 'applied' ? decision.state : before;
    for (const event of events) checkEvent(event);
    expect(state, 'the state is the fold of the events').toEqual(fold(events, before, at));
    expect(fold(JSON.parse(JSON.stringify(events)) as RunEvent[], before, at), 'the events fold the same from their text').toEqual(state);
    expect(readSnapshot(writeSnapshot(state)), 'the snapshot gives the state back').toEqual(state);
    return new Situation(state);
  }

  events(): readonly RunEvent[] {
    if (this.decision.outcome === 'applied') return this.decision.events;
    expect.fail(`expected events, but the command was ${this.decision.outcome}: ${JSON.stringify(this.decision)}`);
  }

  /** It has been applied before. */
  thenDuplicate(): Situation {
    expect(this.decision).toEqual({ outcome: 'duplicate' });
    return new Situation(this.before);
  }

  thenRejected(code: string): Situation {
    expect(this.decision).toMatchObject({ outcome: 'rejected', rejection: { code } });
    return new Situation(this.before);
  }
}

/** What a call saw is one digest, which one spec is about. */
function withoutContext(event: RunEvent): unknown {
  return event.type === 'ModelCallRequested' ? { ...event, data: { ...event.data, context: 'context' } } : event;
}
