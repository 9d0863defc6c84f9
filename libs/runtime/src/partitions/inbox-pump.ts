/** Takes commands from a partition's inbox into the commit loop, in order, and no faster than they are decided. */
import { commandRecord, partitionOf } from '@runledger/contracts';
import { LogError, type StoredRecord } from '@runledger/event-sourcing';
import { type Pending } from '../commit/pending.ts';
import { type EngineParts } from '../ports.ts';
import { type Partition } from './partition.ts';

const READ_LIMITS = { recordsMax: 1_000, bytesMax: 4_000_000 };
const WINDOW_COMMANDS = 2_000;

export interface InboxSink {
  waiting(partition: Partition): number;
  push(partition: Partition, pending: Pending): void;
}

export class InboxPump {
  readonly #parts: EngineParts;
  readonly #sink: InboxSink;
  readonly #settle: (partition: number, offset: number) => Pending['settle'];

  /** `settle` gives the callback of whoever waits for the command at this offset. */
  constructor(parts: EngineParts, sink: InboxSink, settle: (partition: number, offset: number) => Pending['settle']) {
    this.#parts = parts;
    this.#sink = sink;
    this.#settle = settle;
  }

  /** Checks that what has not ended yet is still there. Throws `LogError` `log/inbox-lost`. */
  async begin(partition: Partition): Promise<void> {
    const { start, end } = await this.#parts.inbox.extent(partition.number);
    const { ended } = partition.inbox;
    if (ended > end || start > ended) throw new LogError('log/inbox-lost', `Commands of partition ${partition.number} have ended up to offset ${ended}, but its inbox holds ${start} to ${end}: commands are missing. Restore the inbox that belongs to this log.`, { partition: partition.number, offset: ended });
    partition.inbox.read = ended;
  }

  /** Reads on until the inbox is empty or enough is waiting; to be called when either may have changed. */
  async pump(partition: Partition): Promise<void> {
    const { inbox } = partition;
    if (inbox.pumping || partition.state !== 'open') return;
    inbox.pumping = true;
    try {
      while (partition.state === 'open' && this.#sink.waiting(partition) < WINDOW_COMMANDS) {
        const page = await this.#parts.inbox.read(partition.number, inbox.read, READ_LIMITS);
        if (page.length === 0) return;
        for (const record of page) this.#sink.push(partition, this.#pending(partition, record));
        inbox.read = (page.at(-1)?.offset ?? inbox.read) + 1;
      }
    } finally {
      inbox.pumping = false;
    }
  }

  #pending(partition: Partition, record: StoredRecord): Pending {
    const settle = this.#settle(partition.number, record.offset);
    const common = { partition: partition.number, ...(settle === undefined ? {} : { settle }) };
    const read = readCommand(record.body, partition.number);
    if (typeof read === 'string') {
      this.#parts.report({ level: 'warn', code: 'command/unreadable', message: `The inbox record at offset ${record.offset} of partition ${partition.number} is no command and was put aside as a dead letter: ${read}` });
      return { ...common, envelope: undefined, inbox: { record, unreadable: read } };
    }
    const { id, tenant, run, actor, trace, command } = read;
    return { ...common, envelope: { id, tenant, run, actor, trace, command, time: this.#parts.clock.now() }, inbox: { record } };
  }
}

/** The command, or why the text is none. */
function readCommand(body: string, partition: number) {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return `not JSON: ${String(error)}`;
  }
  const parsed = commandRecord.safeParse(value);
  if (!parsed.success) return parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  if (partitionOf(parsed.data.run) !== partition) return `run ${parsed.data.run} does not live in partition ${partition}`;
  return parsed.data;
}
