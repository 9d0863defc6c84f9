/**
 * A log that behaves as a broker may: it takes an append wherever the log ends, whatever offset was
 * expected, and loses, delays and doubles what goes over the network. Readers see one order all the
 * same. Faults come from a seed, or from a script, and all of them are counted, so that a test can
 * show that they happened.
 *
 * One faulty log stands for the broker; `connect()` gives each owner or reader a handle of its own.
 */
import { checkAppend, checkPartition } from '../log-checks.ts';
import { LogError, type AppendOutcome, type AppendRequest, type Log } from '../log.ts';
import { encodeControl, WRITER_STARTED_SCHEMA } from '../record.ts';
import { MemoryStore, StoreLog } from './memory-log.ts';
import { seededRandom, type Random } from './random.ts';

/**
 * What may happen to one partition's part of an append.
 *
 * - `lost-ack`: appended; the answer is `unknown`.
 * - `not-appended`: never appended; the answer is `unknown`.
 * - `late`: answered `unknown`, appended later: at `deliverLate()`, or by chance before another append.
 * - `doubled`: appended and answered; the same records are appended again later.
 * - `foreign-before`: a foreign record comes first, so that it is acknowledged at another offset.
 * - `truncated`: the log loses up to three records of its tail, acknowledged ones too, before the append.
 */
export const FAULTS = ['lost-ack', 'not-appended', 'late', 'doubled', 'foreign-before', 'truncated'] as const;
export type Fault = (typeof FAULTS)[number];

/** Probabilities per partition of an append; together at most 1. `deliver`: that a waiting request lands before it. */
export type FaultRates = Readonly<Partial<Record<Fault | 'deliver', number>>>;

/** What was counted: the faults, appends of which only a part was accepted, and late requests that landed. */
export type Counted = Fault | 'partial' | 'delivered' | 'injected';

export interface FaultyLogOptions {
  readonly seed: number;
  readonly partitions?: number;
  readonly recordBytesMax?: number;
  readonly rates?: FaultRates;
  /** Decides instead of chance. `call` counts the appends from 0. */
  readonly script?: (call: number, request: AppendRequest) => Fault | undefined;
  /** Requests that may wait at once; the oldest lands when one more comes. */
  readonly waitingMax?: number;
  readonly store?: MemoryStore;
}

const WAITING_MAX = 1_000;
const TRUNCATED_RECORDS_MAX = 3;

/** Follows nobody who ever was in force: every reader ignores it, wherever it lands. */
const FOREIGN_BODY = encodeControl({ schema: WRITER_STARTED_SCHEMA, writer: 'a-foreign-writer', follows: 'a-writer-that-never-was', time: 0 });

export function faultyLog(options: FaultyLogOptions): FaultyLog {
  return new FaultyLog(options);
}

export class FaultyLog extends StoreLog {
  readonly faults: Record<Counted, number> = { 'lost-ack': 0, 'not-appended': 0, late: 0, doubled: 0, 'foreign-before': 0, truncated: 0, partial: 0, delivered: 0, injected: 0 };
  private readonly random: Random;
  private readonly rates: FaultRates;
  private readonly script: FaultyLogOptions['script'];
  private readonly waitingMax: number;
  private readonly waiting: AppendRequest[] = [];
  private calls = 0;

  constructor({ seed, partitions = 1, recordBytesMax, rates = {}, script, waitingMax = WAITING_MAX, store }: FaultyLogOptions) {
    super(store ?? new MemoryStore({ partitions, ...(recordBytesMax === undefined ? {} : { recordBytesMax }) }));
    const sum = FAULTS.reduce((total, fault) => total + (rates[fault] ?? 0), 0);
    if (sum > 1) throw new LogError('log/misuse', `The rates of the faults add up to ${sum}; they are probabilities and may add up to 1.`);
    this.random = seededRandom(seed);
    this.rates = rates;
    this.script = script;
    this.waitingMax = waitingMax;
  }

  /** Another client of the same broker. Closing it closes only itself. */
  connect(): Log {
    return new Client(this);
  }

  /** How many late and doubled requests have not landed yet. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Lets the oldest waiting requests land now, all of them unless told otherwise. Returns how many did. */
  deliverLate(countMax = Number.POSITIVE_INFINITY): number {
    let delivered = 0;
    while (delivered < countMax && this.waiting.length > 0) {
      this.land(0);
      delivered += 1;
    }
    return delivered;
  }

  /** Cuts a partition off at an offset, acknowledged records or not. */
  truncate(partition: number, toOffset: number): void {
    checkPartition(this.partitions, partition);
    this.faults.truncated += 1;
    this.store.truncateLog(partition, toOffset);
  }

  /** Appends a record that no owner has sent. Returns its offset. */
  inject(partition: number, body: string): number {
    checkPartition(this.partitions, partition);
    this.faults.injected += 1;
    return this.store.appendLog(partition, [body]);
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    this.handle.checkOpen();
    return this.appendNow(requests);
  }

  appendNow(requests: readonly AppendRequest[]): readonly AppendOutcome[] {
    checkAppend(this, requests);
    const call = this.calls;
    this.calls += 1;
    const outcomes = requests.map((request) => {
      if (this.waiting.length > 0 && this.random.next() < (this.rates.deliver ?? 0)) this.land(this.random.integer(0, this.waiting.length));
      return this.appendOne(request, this.script === undefined ? this.drawFault() : this.script(call, request));
    });
    const accepted = outcomes.filter(({ outcome }) => outcome === 'accepted').length;
    if (accepted > 0 && accepted < outcomes.length) this.faults.partial += 1;
    return outcomes;
  }

  private appendOne(request: AppendRequest, fault: Fault | undefined): AppendOutcome {
    if (fault !== undefined) this.faults[fault] += 1;
    switch (fault) {
      case 'not-appended':
        return unknown(request);
      case 'late':
        this.wait(request);
        return unknown(request);
      case 'lost-ack':
        this.acknowledge(request);
        return unknown(request);
      case 'doubled': {
        const outcome = this.acknowledge(request);
        this.wait(request);
        return outcome;
      }
      case 'foreign-before':
        this.store.appendLog(request.partition, [FOREIGN_BODY]);
        return this.acknowledge(request);
      case 'truncated': {
        const { end } = this.store.logExtent(request.partition);
        this.store.truncateLog(request.partition, end - this.random.integer(1, TRUNCATED_RECORDS_MAX + 1));
        return this.acknowledge(request);
      }
      case undefined:
        return this.acknowledge(request);
    }
  }

  private acknowledge({ partition, expected, bodies }: AppendRequest): AppendOutcome {
    const offset = this.store.appendLog(partition, bodies);
    if (offset === expected) return { partition, outcome: 'accepted', offset };
    return { partition, outcome: 'fenced', end: offset + bodies.length };
  }

  private wait(request: AppendRequest): void {
    if (this.waiting.length >= this.waitingMax) this.land(0);
    this.waiting.push(request);
  }

  private land(index: number): void {
    for (const { partition, bodies } of this.waiting.splice(index, 1)) {
      this.faults.delivered += 1;
      this.store.appendLog(partition, bodies);
    }
  }

  private drawFault(): Fault | undefined {
    let drawn = this.random.next();
    for (const fault of FAULTS) {
      drawn -= this.rates[fault] ?? 0;
      if (drawn < 0) return fault;
    }
    return undefined;
  }
}

class Client extends StoreLog {
  private readonly broker: FaultyLog;

  constructor(broker: FaultyLog) {
    super(broker.store);
    this.broker = broker;
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    this.handle.checkOpen();
    return this.broker.appendNow(requests);
  }
}

function unknown({ partition, expected, bodies }: AppendRequest): AppendOutcome {
  const error = new LogError('log/unavailable', `Partition ${partition} gave no answer to an append of ${bodies.length} records at offset ${expected}. They may be there, or come later.`, { partition, expected });
  return { partition, outcome: 'unknown', error };
}
