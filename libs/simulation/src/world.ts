/**
 * A seeded world: real engines over a log that behaves as badly as a broker may, with processes that die and processes
 * that do not know that they have lost. What it ends in is checked from outside, from the log alone.
 */
import { runIdIn, type AgentBriefing, type AgentPolicy, type ClientCommand, type CommandRecord } from '@runledger/contracts';
import { MemoryRunIndex, MemoryStore, faultyLog, memoryInbox, seededRandom, type FaultRates, type FaultyLog, type Random } from '@runledger/event-sourcing/testing';
import { type Log, type LogErrorCode } from '@runledger/event-sourcing';
import { Engine, InProcessLane, base32Id, sha256, type CommandOutcome, type EngineReport } from '@runledger/runtime';
import { OutsideWorld, scriptedHandlers, type WorkFaults } from './scripted-work.ts';
import { VirtualTime, settle, type OwnClock } from './virtual-clock.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly partitions?: number;
  readonly rates?: FaultRates;
  readonly work?: Partial<WorkFaults>;
}

interface Process {
  readonly engine: Engine;
  readonly clock: OwnClock;
  readonly log: Log;
}

export interface Answered {
  readonly record: CommandRecord;
  readonly outcome: CommandOutcome;
}

export class World {
  readonly random: Random;
  readonly time: VirtualTime;
  readonly log: FaultyLog;
  readonly outside = new OutsideWorld();
  readonly reports: EngineReport[] = [];
  readonly answered: Answered[] = [];
  readonly submitted: CommandRecord[] = [];
  crashes = 0;
  readonly #store: MemoryStore;
  /** Two indexes, so that a zombie's late updates meet the compare-and-set of the living owner. */
  readonly index = new MemoryRunIndex();
  readonly #options: WorldOptions;
  #ids = 0;

  constructor(options: WorldOptions) {
    const { seed, partitions = 2, rates = {} } = options;
    this.#options = options;
    this.random = seededRandom(seed);
    this.time = new VirtualTime(this.random);
    this.#store = new MemoryStore({ partitions });
    this.log = faultyLog({ seed: seed + 1, rates, store: this.#store, partitions });
  }

  /** A process that takes over all partitions. Earlier ones may still be alive: then they are zombies. */
  async start(): Promise<Process> {
    const clock = this.time.clock();
    const log = this.log.connect();
    const report = (line: EngineReport): void => void this.reports.push(line);
    const handlers = scriptedHandlers(clock, this.random, this.outside, { fails: 0.05, slow: 0.02, ...this.#options.work });
    const lane = new InProcessLane({ worker: `worker-${++this.#ids}`, handlers, clock, random: () => this.random.next(), report });
    const engine = new Engine({ log, inbox: memoryInbox(this.#store), index: this.index, lane, clock, hash: sha256, newId: () => this.newId(), random: () => this.random.next(), report }, { indexEveryRecords: 40, indexEveryMs: 30, snapshotEveryEvents: 8 });
    const started = engine.start();
    await this.until(() => engine.status().every(({ state }) => state === 'open' || state === 'failed'), 60_000);
    void started;
    return { engine, clock, log };
  }

  /** The process is gone with all it knew; what it had sent may still arrive. */
  crash(process: Process): void {
    this.crashes++;
    process.clock.dead = true;
    void process.log.close();
  }

  newId(): string {
    return base32Id(sha256(`${this.#options.seed} ${++this.#ids}`));
  }

  /** Hands a command in; the outcome is noted when it comes. */
  async submit(process: Process, run: string, command: ClientCommand): Promise<void> {
    const record: CommandRecord = { schema: 'runledger.command.v1', id: this.newId(), tenant: 'sim', run, time: this.time.now, actor: 'client', command };
    try {
      const { decided } = await process.engine.submit(record);
      this.submitted.push(record);
      void decided.then((outcome) => this.answered.push({ record, outcome }));
    } catch (error) {
      if ((error as { code?: LogErrorCode }).code !== 'log/unavailable') throw error;
    }
  }

  newRun(): string {
    return runIdIn(this.random.integer(0, this.log.partitions), this.newId());
  }

  /** Lets the world go on until `done`, or until `withinMs` of its own time have passed. */
  async until(done: () => boolean, withinMs: number): Promise<boolean> {
    const end = this.time.now + withinMs;
    for (let steps = 0; steps < 200_000; steps++) {
      await settle();
      if (done()) return true;
      if (!this.time.step(end)) {
        if (this.log.waitingCount === 0) return done();
        this.log.deliverLate(1);
      }
    }
    return false;
  }
}

export const simulatedAgent: AgentPolicy = {
  name: 'simulated', version: 'v1', turns: 'many', unknownToolText: 'Error: unknown tool {tool}', model: { provider: 'scripted', name: 'scripted' },
  tools: [
    { name: 'look', version: '1', effect: 'none', timeoutMs: 60_000 },
    { name: 'pay', version: '1', effect: 'idempotent', timeoutMs: 60_000 },
    { name: 'send', version: '1', effect: 'once', timeoutMs: 60_000 },
  ],
  limits: { modelCallsMax: 20, stepsMax: 100, toolCallsPerTurnMax: 8, toolCallsMax: 50, inputsMax: 10, attemptsMax: 5, modelTimeoutMs: 60_000 },
};
export const simulatedBriefing: AgentBriefing = { instructions: 'Do as the seed says.', tools: [] };
