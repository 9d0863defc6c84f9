/** Finds the run that a request means, or says why it is not to be had. */
import { partitionOf, type RunView } from '@runledger/contracts';
import { ProblemError } from '@runledger/nest-kit';
import { type RunService } from '@runledger/runtime';
import { type Caller } from '../api/caller.ts';
import { type GatewayLimits } from '../api/limits.ts';
import { type UndecidedStarts } from './undecided-starts.ts';
import { within } from './within.ts';

/** A partition as the engine has it. */
export interface PartitionEnd {
  readonly partition: number;
  /** Only an `open` one knows all its runs. */
  readonly state: string;
  /** The offset after the last accepted record. */
  readonly end: number;
}
export type Partitions = () => readonly PartitionEnd[];

export interface LookupParts {
  readonly runs: RunService;
  readonly undecided: UndecidedStarts;
  readonly partitions: Partitions;
  readonly limits: GatewayLimits;
}

/** How a view is read; undefined if there is none. */
type Read = (run: string) => Promise<RunView | undefined>;

export class RunLookup {
  readonly #parts: LookupParts;

  constructor(parts: LookupParts) {
    this.#parts = parts;
  }

  /** `reference` is a run id, or the id that the caller chose at the start. Throws `run/unknown` for another tenant's too. */
  async find(caller: Caller, reference: string, read: Read = (run) => this.#parts.runs.view(caller.tenant, run)): Promise<RunView> {
    const run = this.#parts.runs.resolve(caller.tenant, reference);
    const view = await read(run);
    if (view !== undefined) return view;
    const undecided = this.#parts.undecided.of(caller.tenant, run);
    if (undecided !== undefined) return this.#onceDecided(caller, run, undecided, read);
    if (this.#stateOf(run) === 'open') throw unknownRun(reference);
    throw notServed(run);
  }

  async #onceDecided(caller: Caller, run: string, decided: Promise<unknown>, read: Read): Promise<RunView> {
    await within(decided, this.#parts.limits.decidedMs, caller.gone);
    const view = await read(run);
    if (view === undefined) throw new ProblemError('platform/unavailable', `The start of run ${run} is durable, but has not been decided yet. Ask again shortly.`);
    return view;
  }

  /** A partition that does not exist has no runs, and will have none. */
  #stateOf(run: string): string {
    const number = partitionOf(run);
    return this.#parts.partitions().find(({ partition }) => partition === number)?.state ?? 'open';
  }
}

const unknownRun = (reference: string): ProblemError => new ProblemError('run/unknown', `There is no run ${reference}.`);
const notServed = (run: string): ProblemError => new ProblemError('platform/unavailable', `Run ${run} cannot be looked up now: the partition that it would live in is being taken over. Ask again shortly.`);
