/** What callers ask of runs: each request becomes one command, and its outcome an answer. */
import { type ClientCommand, type RunAccepted, type RunView, type StartRunRequest, partitionOf } from '@runledger/contracts';
import { isProblemCode, ProblemError } from '@runledger/nest-kit';
import { type CommandOutcome, type RunService, type Submitted } from '@runledger/runtime';
import { agentNamed, type Agents } from '../agents/agents.ts';
import { type Answer } from '../api/answer.ts';
import { type Caller } from '../api/caller.ts';
import { type GatewayLimits } from '../api/limits.ts';
import { type PerKey } from '../api/per-key.ts';
import { type RunLookup } from './run-lookup.ts';
import { type UndecidedStarts } from './undecided-starts.ts';
import { within } from './within.ts';

export interface RunRequestParts {
  readonly runs: RunService;
  readonly agents: Agents;
  readonly lookup: RunLookup;
  readonly undecided: UndecidedStarts;
  readonly waits: PerKey;
  readonly limits: GatewayLimits;
}

type Change = Exclude<ClientCommand, { type: 'StartRun' }>;
type Outcome = RunView | RunAccepted;

export class RunRequests {
  readonly #parts: RunRequestParts;

  constructor(parts: RunRequestParts) {
    this.#parts = parts;
  }

  /** `waitS`: seconds that the answer is held until the run rests. */
  async start(caller: Caller, { agent, input, metadata }: StartRunRequest, key: string | undefined, waitS = 0): Promise<Answer<Outcome>> {
    if (key !== undefined) checkChosen(key);
    const { policy, briefing } = agentNamed(this.#parts.agents, agent);
    const submitted = await this.#parts.runs.start({ tenant: caller.tenant, actor: caller.actor, agent: { policy, briefing }, input, key, metadata, trace: caller.trace });
    const outcome = await this.#decided(caller, submitted);
    if (outcome === undefined) this.#parts.undecided.add(caller.tenant, submitted);
    return this.#answer(caller, submitted.run, outcome, waitS, 200);
  }

  /** The next input is answered like a start. */
  input(caller: Caller, reference: string, command: Change, waitS = 0): Promise<Answer<Outcome>> {
    return this.#change(caller, reference, command, waitS, 200);
  }

  change(caller: Caller, reference: string, command: Change): Promise<Answer<Outcome>> {
    return this.#change(caller, reference, command, 0, 202);
  }

  async get(caller: Caller, reference: string, waitS = 0): Promise<RunView> {
    const { runs, lookup } = this.#parts;
    if (waitS === 0) return lookup.find(caller, reference, (run) => runs.viewWithOutput(caller.tenant, run));
    return this.#waiting(caller, () => lookup.find(caller, reference, (run) => runs.settled(caller.tenant, run, waitS * 1000, caller.gone)));
  }

  async #change(caller: Caller, reference: string, command: Change, waitS: number, duplicateStatus: number): Promise<Answer<Outcome>> {
    const { tenant, actor, trace } = caller;
    const submitted = await this.#parts.runs.command(tenant, this.#parts.runs.resolve(tenant, reference), actor, command, trace);
    return this.#answer(caller, submitted.run, await this.#decided(caller, submitted), waitS, duplicateStatus);
  }

  /** Undefined if it takes too long: the command is durable, and will be decided. */
  #decided(caller: Caller, { decided }: Submitted): Promise<CommandOutcome | undefined> {
    return within(decided, this.#parts.limits.decidedMs, caller.gone);
  }

  async #answer(caller: Caller, run: string, outcome: CommandOutcome | undefined, waitS: number, duplicateStatus: number): Promise<Answer<Outcome>> {
    if (outcome?.outcome === 'rejected') throw rejected(outcome.rejection);
    if (waitS > 0) {
      const view = await this.#waiting(caller, () => this.#parts.runs.settled(caller.tenant, run, waitS * 1000, caller.gone));
      if (view !== undefined) return { status: 200, body: view };
    }
    // The command is durable, whether or not its run can be read now.
    const view = await this.#parts.runs.view(caller.tenant, run).catch(() => undefined);
    const duplicate = outcome?.outcome === 'duplicate';
    const body = { id: run, status: view?.status ?? 'running', sequence: outcome?.sequence ?? view?.sequence ?? 0, ...(duplicate ? { duplicate } : {}) };
    return { status: duplicate ? duplicateStatus : 202, body };
  }

  #waiting<Result>(caller: Caller, wait: () => Promise<Result>): Promise<Result> {
    return this.#parts.waits.during(caller.key, wait);
  }
}

/** Such an id would be taken for that of the run itself wherever it is asked for, and mean another one. */
function checkChosen(key: string): void {
  if (partitionOf(key) !== undefined) throw new ProblemError('request/invalid', `The id ${key} looks like one that the platform gives out. Choose another, or leave it out.`, { errors: [{ path: 'body.id', message: 'must not look like run_<partition>_<26 characters>' }] });
}

function rejected({ code, message }: Extract<CommandOutcome, { outcome: 'rejected' }>['rejection']): Error {
  return isProblemCode(code) ? new ProblemError(code, message) : new Error(`A command was rejected with ${code}, which the API does not know: ${message}`);
}
