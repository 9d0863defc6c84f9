/** What one write will say: commands decided one after the other over tentative states, and the records they make. */
import { checkEvent, type OwnerCommand, type RunCommand, type RunEvent, type StoredRunEvent } from '@runledger/contracts';
import { runDecider, type Run, type RunCommandEnvelope } from '@runledger/domain';
import { INBOX_ADVANCED_SCHEMA, encodeControl, encodeTransition, type EventDraft, type InboxPosition, type Rejection } from '@runledger/event-sourcing';
import { type EngineParts } from '../ports.ts';
import { type AcceptedTransition, type Partition } from '../partitions/partition.ts';
import { LiveRun } from '../runs/live-run.ts';
import { type CommandOutcome, type DecidedCommand, type Pending } from './pending.ts';

/** A record that waits to be accepted. */
export interface Draft {
  readonly body: string;
  readonly live?: LiveRun;
  readonly state?: Run;
  readonly head?: string;
  readonly transition?: Omit<AcceptedTransition, 'offset'>;
}

interface Tentative {
  readonly live: LiveRun;
  readonly state: Run;
  readonly head: string;
}

export class Batch {
  readonly partition: Partition;
  readonly drafts: Draft[] = [];
  readonly commands: DecidedCommand[] = [];
  bytes = 0;
  #n: number;
  readonly #parts: EngineParts;
  readonly #tentative = new Map<string, Tentative>();
  /** Inbox position after the commands decided so far; written with the next record. */
  #ended: number;
  #written: number;

  constructor(parts: EngineParts, partition: Partition) {
    this.#parts = parts;
    this.partition = partition;
    this.#n = partition.fence.n;
    this.#ended = this.#written = partition.inbox.ended;
  }

  get inboxEnded(): number {
    return this.#ended;
  }

  get n(): number {
    return this.#n;
  }

  /** Decides a command. The states that it sees are those that the write will lead to. */
  take(pending: Pending): void {
    const { envelope, inbox } = pending;
    if (inbox !== undefined) this.#ended = inbox.record.offset + 1;
    if (envelope === undefined) this.commands.push({ pending, outcome: { outcome: 'rejected', rejection: { code: 'command/unreadable', message: inbox?.unreadable ?? '' } } });
    else this.commands.push({ pending, outcome: this.#decideSafely(envelope) });
  }

  /** What cannot be decided or written, such as a result of another shape than was promised, must not hold up the commands beside it. */
  #decideSafely(envelope: Omit<RunCommandEnvelope, 'worker'>): CommandOutcome {
    try {
      return this.#decide(envelope);
    } catch (error) {
      const message = `${envelope.command.type} of run ${envelope.run} is not of the shape that it should have: ${error instanceof Error ? error.message : String(error)}`.slice(0, 1_000);
      this.#parts.report({ level: 'error', code: 'command/defect', message });
      const rejection: Rejection = { code: 'command/defect', message };
      const instead = failureInstead(envelope.command, rejection);
      return instead === undefined ? { outcome: 'rejected', rejection } : this.#decideSafely({ ...envelope, command: instead });
    }
  }

  #decide(envelope: Omit<RunCommandEnvelope, 'worker'>): CommandOutcome {
    const { run, tenant } = envelope;
    const at = this.#tentative.get(run) ?? tentativeOf(this.partition.live.get(run) ?? LiveRun.fresh(run, tenant));
    const { live } = at;
    const sequence = sequenceOf(at.state);
    if (live.tenant !== tenant) return unknownRun(run);
    const decision = runDecider.decide(at.state, { ...envelope, worker: this.#parts.lane.worker }, this.#parts.hash);
    if (decision.outcome === 'duplicate') return { outcome: 'duplicate', sequence };
    if (decision.outcome === 'rejected') return decision;
    if (decision.events.length === 0) return { outcome: 'duplicate', sequence };
    const tooLarge = this.#write(envelope, at, decision.events, decision.state);
    if (tooLarge === undefined) return { outcome: 'applied', sequence: sequence + decision.events.length };
    const instead = failureInstead(envelope.command, tooLarge);
    return instead === undefined ? { outcome: 'rejected', rejection: tooLarge } : this.#decide({ ...envelope, command: instead });
  }

  #write(envelope: Omit<RunCommandEnvelope, 'worker'>, at: Tentative, events: readonly RunEvent[], state: Run): Rejection | undefined {
    const { hash, log } = this.#parts;
    const { tenant, run, id, trace, actor, time } = envelope;
    const { live } = at;
    const agent = state.status === 'absent' ? undefined : state.agent.name;
    const first = sequenceOf(at.state) + 1;
    const stem = hash(`${run}\n${id}\n${first}`).slice(0, 22);
    const drafts: EventDraft[] = events.map((event, k) => {
      checkEvent(event);
      return { id: `${stem}.${k}`, sequence: first + k, type: event.type, version: event.version, data: event.data };
    });
    const inboxPosition = this.#unwritten();
    const { body, hashes, head } = encodeTransition({
      tenant, run, writer: this.partition.writer, n: this.#n + 1, ...(inboxPosition === undefined ? {} : { inboxPosition }), cause: id,
      ...(trace === undefined ? {} : { trace }), actor, ...(agent === undefined ? {} : { agent }), time,
    }, drafts, at.head, hash);
    if (body.length > log.recordBytesMax / 4) {
      const bytes = utf8Length(body);
      if (bytes > log.recordBytesMax) return { code: 'payload/too-large', message: `The content makes a record of ${bytes} bytes; the log takes ${log.recordBytesMax}. Send less at once.` };
    }
    const stored = drafts.map((draft, k) => ({ ...draft, hash: hashes[k] ?? '' }) as StoredRunEvent);
    this.drafts.push({ body, live, state, head, transition: { partition: this.partition.number, run, tenant, time, cause: id, actor, agent, trace, events: stored } });
    this.bytes += body.length;
    this.#n++;
    this.#written = this.#ended;
    this.#tentative.set(run, { live, state, head });
    return undefined;
  }

  /** Says that the last commands ended without an event, if they did. */
  close(): void {
    const inboxPosition = this.#unwritten();
    if (inboxPosition === undefined) return;
    const body = encodeControl({ schema: INBOX_ADVANCED_SCHEMA, writer: this.partition.writer, n: this.#n + 1, inboxPosition, time: this.#parts.clock.now() });
    this.drafts.push({ body });
    this.bytes += body.length;
    this.#n++;
    this.#written = this.#ended;
  }

  #unwritten(): InboxPosition | undefined {
    return this.#ended > this.#written ? { id: this.partition.inbox.id, offset: this.#ended } : undefined;
  }
}

const tentativeOf = (live: LiveRun): Tentative => ({ live, state: live.state, head: live.head });

const sequenceOf = (state: Run): number => (state.status === 'absent' ? 0 : state.sequence);

const unknownRun = (run: string): CommandOutcome => ({ outcome: 'rejected', rejection: { code: 'run/unknown', message: `There is no run ${run}.` } });

/** A result that does not fit into the log, or is none, is a failed attempt. */
function failureInstead(command: RunCommand, fault: Rejection): OwnerCommand | undefined {
  if (command.type !== 'CompleteModelCall' && command.type !== 'CompleteToolCall') return undefined;
  const { step, attempt, latencyMs } = command;
  const origin = command.type === 'CompleteModelCall' ? 'model' : 'tool';
  const failure = { class: 'validation', origin, code: fault.code, message: fault.message } as const;
  return origin === 'model' ? { type: 'FailModelCall', step, attempt, failure, latencyMs, jitter: 0 } : { type: 'FailToolCall', step, attempt, failure, latencyMs, jitter: 0 };
}

/** Bytes of a text in UTF-8, without making them. */
function utf8Length(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
