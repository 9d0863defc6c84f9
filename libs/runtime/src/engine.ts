/**
 * The engine: owns partitions, takes commands, and answers what it knows of runs. One request's way: `submit` puts the
 * command into the inbox; the pump hands it to the commit loop; the loop decides and appends; what was accepted goes to
 * the dispatcher (tasks), the index, the wake-ups and whoever follows the run.
 */
import { partitionOf, type CommandRecord, type OwnerCommand } from '@runledger/contracts';
import { isUnderWay, type Run } from '@runledger/domain';
import { LogError, type AppendOutcome, type IndexedPosition } from '@runledger/event-sourcing';
import { type Batch } from './commit/batch.ts';
import { CommitLoop, type CommitStats } from './commit/commit-loop.ts';
import { type CommandOutcome, type DecidedCommand, type Pending } from './commit/pending.ts';
import { type ResultMessage } from './lanes/lane.ts';
import { InboxPump } from './partitions/inbox-pump.ts';
import { IndexWriter } from './partitions/index-writer.ts';
import { Partition, type AcceptedTransition, type PartitionState } from './partitions/partition.ts';
import { Takeover, type TailReport } from './partitions/takeover.ts';
import { DEFAULT_LIMITS, type EngineLimits, type EngineParts } from './ports.ts';
import { ContentReader } from './runs/content-reader.ts';
import { Dispatcher } from './runs/dispatcher.ts';
import { RunLoader } from './runs/run-loader.ts';
import { RunReader } from './runs/run-reader.ts';
import { WakeUps } from './runs/wake-ups.ts';

const REOPEN_MS = { first: 100, max: 5_000 };
const DUE_POLL = { everyMs: 1_000, runsMax: 500 };
/** Faults of the log that waiting does not cure. */
const FINAL_CODES: ReadonlySet<string> = new Set(['log/truncated', 'log/corrupt', 'log/inbox-lost', 'log/newer-version', 'log/misuse', 'log/closed']);

export interface PartitionStatus {
  readonly partition: number;
  readonly state: PartitionState;
  readonly detail: string | undefined;
  readonly epoch: number;
  readonly end: number;
  readonly waiting: number;
  readonly runsInMemory: number;
}

export class Engine {
  readonly runs: RunReader;
  readonly #parts: EngineParts;
  readonly #limits: EngineLimits;
  readonly #partitions: readonly Partition[];
  readonly #loop: CommitLoop;
  readonly #pump: InboxPump;
  readonly #takeover: Takeover;
  readonly #indexWriter: IndexWriter;
  readonly #dispatcher: Dispatcher;
  readonly #wakeUps: WakeUps;
  readonly #waiters = new Map<string, (outcome: CommandOutcome) => void>();
  readonly #followers = new Set<(transition: AcceptedTransition, state: Run) => void>();
  readonly #unsubscribe: (() => void)[] = [];
  #stopping = false;

  constructor(parts: EngineParts, limits: Partial<EngineLimits> = {}) {
    this.#parts = parts;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#partitions = Array.from({ length: parts.log.partitions }, (_, number) => new Partition(number));
    const loader = new RunLoader(parts.log, parts.index, parts.hash);
    const contents = new ContentReader(loader);
    this.#wakeUps = new WakeUps(parts.clock, (partition, live) => this.#push(partition, live.tenant, live.run, 'timer', { type: 'FireTimers' }));
    this.#indexWriter = new IndexWriter(parts, this.#limits, (live) => this.#wakeUps.forget(live));
    this.#takeover = new Takeover(parts, loader, this.#indexWriter);
    this.#dispatcher = new Dispatcher(parts.lane, contents);
    this.#loop = new CommitLoop(parts, this.#limits, loader, {
      accepted: (batch, firstOffset) => this.#accepted(batch, firstOffset),
      refused: (partition, outcome, commands) => this.#refused(partition, outcome, commands),
      ended: (pending) => this.#ended(pending),
    });
    this.#pump = new InboxPump(parts, this.#loop, (partition, offset) => (outcome) => this.#answer(partition, offset, outcome));
    this.runs = new RunReader(this.#partitions, loader, contents);
  }

  get stats(): Readonly<CommitStats> {
    return this.#loop.stats;
  }

  /** Takes over all partitions. Resolves once each is open, or has failed for good; see `status`. */
  async start(): Promise<void> {
    this.#parts.lane.open((result) => this.#onResult(result));
    this.#unsubscribe.push(this.#parts.inbox.onAppended((number) => this.#pumpSoon(this.#partitions[number])));
    await Promise.all(this.#partitions.map((partition) => this.#open(partition)));
    this.#pollDue();
  }

  /** Ends in the same state as a kill would, only sooner: nothing is decided any more, and the index is up to date. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#stopping = true;
    this.#unsubscribe.splice(0).forEach((stop) => stop());
    this.#wakeUps.stop();
    await this.#parts.lane.close(graceMs);
    await this.#loop.drained();
    this.#loop.stop();
    for (const partition of this.#partitions) {
      if (partition.state === 'open') await this.#indexWriter.flush(partition).catch(() => undefined);
      this.#setState(partition, 'closed');
    }
  }

  status(): readonly PartitionStatus[] {
    return this.#partitions.map((partition) => ({
      partition: partition.number, state: partition.state, detail: partition.detail, epoch: partition.fence.epoch, end: partition.end,
      waiting: this.#loop.waiting(partition), runsInMemory: partition.live.size,
    }));
  }

  /** Where a reader stands that has seen all that is accepted in a partition. */
  positionOf(partition: number): IndexedPosition | undefined {
    return this.#partitions[partition]?.positionWith(this.#parts.hash);
  }

  /** Brings the run index up to the end of every partition. */
  async flushIndex(): Promise<void> {
    for (const partition of this.#partitions) if (partition.state === 'open') await this.#indexWriter.flush(partition);
  }

  /** Calls back for every accepted transition, in order per partition, with the state after it. Must not throw, nor block. */
  follow(follower: (transition: AcceptedTransition, state: Run) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /**
   * Puts a command into the inbox. `durable` resolves once it cannot be lost any more, `decided` once it has ended and the
   * log says so. Throws `LogError` `log/unavailable` where its partition is not owned, or too much is waiting.
   */
  async submit(record: CommandRecord): Promise<{ readonly decided: Promise<CommandOutcome> }> {
    const number = partitionOf(record.run);
    const partition = number === undefined ? undefined : this.#partitions[number];
    if (partition === undefined) return { decided: Promise.resolve({ outcome: 'rejected', rejection: { code: 'run/unknown', message: `There is no run ${record.run}.` } }) };
    if (this.#stopping || partition.state === 'lost' || partition.state === 'failed' || partition.state === 'closed') throw new LogError('log/unavailable', `Partition ${partition.number} takes no commands now: ${this.#stopping ? 'the platform is stopping' : (partition.detail ?? partition.state)}.`, { partition: partition.number });
    if (this.#waiters.size >= this.#limits.queueMax) throw new LogError('log/unavailable', `${this.#waiters.size} commands wait for a decision; ${this.#limits.queueMax} may. Try again shortly.`, { waiting: this.#waiters.size });
    const offset = await this.#parts.inbox.produce(partition.number, JSON.stringify(record));
    const decided = new Promise<CommandOutcome>((resolve) => this.#waiters.set(`${partition.number} ${offset}`, resolve));
    return { decided };
  }

  #answer(partition: number, offset: number, outcome: CommandOutcome): void {
    const key = `${partition} ${offset}`;
    const waiter = this.#waiters.get(key);
    this.#waiters.delete(key);
    waiter?.(outcome);
  }

  #onResult({ tenant, run, command }: ResultMessage): void {
    const number = partitionOf(run);
    const partition = number === undefined ? undefined : this.#partitions[number];
    if (partition === undefined || partition.state === 'lost' || (this.#stopping && partition.state !== 'open')) return;
    const cause = 'step' in command ? `result ${command.step}.${command.attempt}` : command.type;
    this.#push(partition, tenant, run, cause, command);
  }

  #push(partition: Partition, tenant: string, run: string, cause: string, command: OwnerCommand): void {
    const actor = command.type.endsWith('Call') ? this.#parts.lane.worker : 'platform';
    this.#loop.push(partition, { partition: partition.number, envelope: { id: cause, tenant, run, time: this.#parts.clock.now(), actor, command } });
  }

  async #open(partition: Partition): Promise<void> {
    this.#setState(partition, 'opening', 'taking over');
    for (let delayMs = REOPEN_MS.first; !this.#stopping; delayMs = Math.min(REOPEN_MS.max, delayMs * 2)) {
      try {
        const startedAt = this.#parts.clock.now();
        await this.#takeover.begin(partition);
        await this.#pump.begin(partition);
        const report = await this.#takeover.claim(partition);
        await this.#pump.begin(partition);
        await this.#seeToAttempts(partition);
        this.#opened(partition, report, startedAt);
        return;
      } catch (error) {
        if (this.#failed(partition, error)) return;
        await new Promise<void>((resolve) => this.#parts.clock.after(delayMs, resolve));
      }
    }
  }

  /** True if waiting will not help. */
  #failed(partition: Partition, error: unknown): boolean {
    const final = error instanceof LogError && FINAL_CODES.has(error.code);
    const detail = error instanceof Error ? error.message : String(error);
    this.#setState(partition, 'failed', detail);
    this.#parts.report({ level: 'error', code: error instanceof LogError ? error.code : 'engine/defect', message: `Partition ${partition.number} cannot be served: ${detail}${final ? '' : ' It is tried again.'}` });
    return final;
  }

  #opened(partition: Partition, report: TailReport, startedAt: number): void {
    this.#setState(partition, 'open');
    for (const live of partition.live.values()) this.#wakeUps.consider(partition, live);
    this.#parts.report({
      level: 'info', code: 'partition/open', message: `Partition ${partition.number} is served in epoch ${partition.fence.epoch}, ${report.records} records after the index.`,
      facts: { partition: partition.number, epoch: partition.fence.epoch, end: partition.end, tail: report.records, ignored: report.ignored, runsInMemory: partition.live.size, tookMs: this.#parts.clock.now() - startedAt },
    });
    this.#loop.wake();
    this.#pumpSoon(partition);
    this.#indexWriter.touched(partition);
  }

  /** Attempts that were under way with an earlier owner: their workers are gone with it. */
  async #seeToAttempts(partition: Partition): Promise<void> {
    const underWay = await this.#parts.index.underWay(partition.number);
    await this.runs.bringIn(partition, underWay);
    for (const live of partition.live.values()) {
      if (live.state.status !== 'active') continue;
      const attempts = live.state.open.filter((open) => isUnderWay(open) && !this.#parts.lane.holds(live.run, open.step, open.attempt)).map(({ step, attempt }) => ({ step, attempt }));
      if (attempts.length > 0) this.#push(partition, live.tenant, live.run, `takeover ${partition.writer}`, { type: 'LoseAttempts', attempts });
    }
  }

  #accepted(batch: Batch, firstOffset: number): void {
    const { partition, drafts } = batch;
    drafts.forEach(({ live, state, transition }, k) => {
      if (live === undefined || state === undefined || transition === undefined) return;
      this.#dispatcher.follow(partition.number, live, transition.events);
      this.#wakeUps.consider(partition, live);
      if (this.#followers.size === 0) return;
      const accepted = { ...transition, offset: firstOffset + k };
      for (const follower of this.#followers) follower(accepted, state);
    });
    this.#indexWriter.touched(partition);
  }

  #ended(pending: Pending): void {
    const partition = this.#partitions[pending.partition];
    if (pending.inbox !== undefined && partition !== undefined && this.#loop.waiting(partition) === 0) this.#pumpSoon(partition);
  }

  #pumpSoon(partition: Partition | undefined): void {
    if (partition === undefined || this.#stopping) return;
    this.#pump.pump(partition).catch((error: unknown) => this.#parts.report({ level: 'error', code: 'inbox/unreadable', message: `The inbox of partition ${partition.number} cannot be read: ${String(error)}` }));
  }

  /** The epoch is over. Reads what the log has to say, claims the partition anew, and has the commands decided anew. */
  #refused(partition: Partition, outcome: AppendOutcome, commands: readonly DecidedCommand[]): void {
    const why = outcome.outcome === 'unknown' ? outcome.error.message : `the log stood at another offset than ${partition.end}`;
    this.#setState(partition, 'opening', why);
    this.#parts.report({ level: 'warn', code: 'epoch/ended', message: `Epoch ${partition.fence.epoch} of partition ${partition.number} ended: ${why}. Its commands are decided anew.` });
    void this.#reopen(partition, commands);
  }

  async #reopen(partition: Partition, commands: readonly DecidedCommand[]): Promise<void> {
    for (let delayMs = REOPEN_MS.first; !this.#stopping; delayMs = Math.min(REOPEN_MS.max, delayMs * 2)) {
      try {
        const startedAt = this.#parts.clock.now();
        const report = await this.#takeover.claim(partition);
        if (partition.fence.writer !== partition.writer) return this.#lost(partition, commands);
        for (const { live, transition } of report.own) {
          this.#dispatcher.follow(partition.number, live, transition.events);
          for (const follower of this.#followers) follower(transition, live.state);
        }
        this.#loop.putBack(partition, this.#notWritten(partition, commands, report));
        this.#opened(partition, report, startedAt);
        return;
      } catch (error) {
        if (this.#failed(partition, error)) return;
        await new Promise<void>((resolve) => this.#parts.clock.after(delayMs, resolve));
      }
    }
  }

  /** A write may have been reported as failed and count all the same: those commands have ended as they were decided. */
  #notWritten(partition: Partition, commands: readonly DecidedCommand[], report: TailReport): readonly Pending[] {
    return commands.flatMap(({ pending, outcome }) => {
      const { envelope, inbox, settle } = pending;
      const written = (envelope !== undefined && report.causes.has(`${envelope.run} ${envelope.id}`)) || (inbox !== undefined && inbox.record.offset < partition.inbox.ended);
      if (!written) return [pending];
      settle?.(outcome);
      return [];
    });
  }

  #lost(partition: Partition, commands: readonly DecidedCommand[]): void {
    this.#setState(partition, 'lost', 'another owner has taken over');
    this.#parts.report({ level: 'warn', code: 'partition/lost', message: `Partition ${partition.number} belongs to another owner now (epoch ${partition.fence.epoch}).` });
    for (const pending of [...commands.map((command) => command.pending), ...this.#loop.drop(partition)]) pending.settle?.({ outcome: 'rejected', rejection: { code: 'platform/unavailable', message: `Partition ${partition.number} has moved to another owner. Send it again.` } });
    partition.live.clear();
  }

  #setState(partition: Partition, state: PartitionState, detail?: string): void {
    partition.state = state;
    partition.detail = detail;
  }

  /** Runs that are not in memory but have to be looked at by now. */
  #pollDue(): void {
    const stop = this.#parts.clock.after(DUE_POLL.everyMs, () => {
      this.#unsubscribe.splice(this.#unsubscribe.indexOf(stop), 1);
      void this.#wakeDue().finally(() => {
        if (!this.#stopping) this.#pollDue();
      });
    });
    this.#unsubscribe.push(stop);
  }

  async #wakeDue(): Promise<void> {
    for (const partition of this.#partitions) {
      if (partition.state !== 'open') continue;
      const due = (await this.#parts.index.due(partition.number, this.#parts.clock.now(), DUE_POLL.runsMax)).filter((run) => !partition.live.has(run));
      for (const live of await this.runs.bringIn(partition, due)) this.#push(partition, live.tenant, live.run, 'timer', { type: 'FireTimers' });
    }
  }
}
