/**
 * A run of a random agent, driven by random commands: a model that answers with words or calls, tools that answer, fail
 * or stay silent, workers that die, people who pause, cancel and reconcile, messages that come twice, late, or for
 * nothing that is known. Everything follows from the list of numbers, so that a failing run can be shrunk and repeated.
 */
import { OUTCOME_CLASSES, type AgentPolicy, type AssistantContent, type Failure, type OutcomeClass, type RunCommand, type RunEvent } from '@runledger/contracts';
import { type Decision } from '@runledger/event-sourcing';
import { decide } from '../run/decide.ts';
import { ABSENT, isUnderWay, nextWakeAt, type AttemptRef, type OpenStep, type Run } from '../run/state.ts';
import { TOOLS, agentWith } from './agents.ts';
import { cancel, failureOf, fireTimers, lose, modelAnswers, modelFails, pause, provide, reconcileApplied, reconcileNotApplied, resume, start, toolAnswers, toolFails } from './commands.ts';
import { NOW, RUN, TENANT, WORKER, asks, call, hash, says } from './facts.ts';

/** What one command did: the state before it, and its decision. */
export interface Decided {
  readonly command: RunCommand;
  readonly at: number;
  readonly before: Run;
  readonly decision: Decision<Run, RunEvent>;
  readonly after: Run;
}

export interface RandomRun {
  readonly agent: AgentPolicy;
  readonly decisions: readonly Decided[];
  readonly events: readonly { readonly event: RunEvent; readonly at: number }[];
  readonly state: Run;
}

/** Chooses by the numbers it was given, and the first of everything once they are used up. */
export class Chance {
  readonly #numbers: readonly number[];
  #used = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  get over(): boolean {
    return this.#used >= this.#numbers.length;
  }

  below(bound: number): number {
    return (this.#numbers[this.#used++] ?? 0) % bound;
  }

  of<Item>(items: readonly Item[]): Item | undefined {
    return items[this.below(Math.max(1, items.length))];
  }
}

const COMMANDS_AFTER_END = 12;

export function randomRun(numbers: readonly number[]): RandomRun {
  const chance = new Chance(numbers);
  const driver = new Driver(randomAgent(chance));
  driver.weather = chance.of(WEATHERS) ?? driver.weather;
  for (let afterEnd = 0; !chance.over && afterEnd < COMMANDS_AFTER_END; afterEnd += driver.ended ? 1 : 0) driver.step(chance);
  return driver;
}

function randomAgent(chance: Chance): AgentPolicy {
  const tight = chance.below(6) === 0;
  return agentWith({
    turns: chance.below(4) === 0 ? 'single' : 'many',
    limits: {
      attemptsMax: 1 + chance.below(5), ...(tight && { modelCallsMax: 1 + chance.below(6), stepsMax: 2 + chance.below(12), toolCallsPerTurnMax: 2 + chance.below(3), toolCallsMax: 2 + chance.below(8), inputsMax: 1 + chance.below(4) }),
      ...(chance.below(5) === 0 && { deadlineMs: 1 + chance.below(400) * 1000 }),
    },
  });
}

const CLASSES = Object.keys(OUTCOME_CLASSES) as OutcomeClass[];
const TEXTS = ['Yes', 'No', 'Maybe', 'Hello', 'Error: It was validation.'];
const TOOL_NAMES = [...TOOLS.map((tool) => tool.name), 'teleport', ...Array.from({ length: 4 }, () => ['lookup', 'refund', 'book', 'notify']).flat()];

type Happening = 'result' | 'timers' | 'loss' | 'again' | 'person' | 'pause' | 'cancel' | 'start';

/** What happens how often. A run keeps to one of them, so that rare things also happen close to each other. */
const WEATHERS = [
  { result: 12, timers: 3, loss: 1, again: 1, person: 4, pause: 1, cancel: 0, start: 1 },
  { result: 7, timers: 2, loss: 5, again: 2, person: 3, pause: 1, cancel: 1, start: 0 },
  { result: 7, timers: 4, loss: 2, again: 1, person: 3, pause: 5, cancel: 1, start: 0 },
  { result: 9, timers: 6, loss: 2, again: 3, person: 5, pause: 0, cancel: 0, start: 0 },
].map((weather) => (Object.entries(weather) as [Happening, number][]).flatMap(([happening, weight]) => Array.from({ length: weight }, () => happening)));

export class Driver implements RandomRun {
  readonly agent: AgentPolicy;
  readonly decisions: Decided[] = [];
  readonly events: { readonly event: RunEvent; readonly at: number }[] = [];
  state: Run = ABSENT;
  at = NOW;
  weather: readonly Happening[] = WEATHERS[0] ?? [];

  constructor(agent: AgentPolicy) {
    this.agent = agent;
  }

  send(command: RunCommand): Decided {
    const before = this.state;
    const decision = decide(before, { id: `command-${this.decisions.length}`, tenant: TENANT, run: RUN, time: this.at, actor: 'random', worker: WORKER, command }, hash);
    if (decision.outcome === 'applied') {
      this.state = decision.state;
      for (const event of decision.events) this.events.push({ event, at: this.at });
    }
    const decided = { command, at: this.at, before, decision, after: this.state };
    this.decisions.push(decided);
    return decided;
  }

  get ended(): boolean {
    return this.state.status !== 'absent' && this.state.status !== 'active';
  }

  get open(): readonly OpenStep[] {
    return this.state.status === 'active' ? this.state.open : [];
  }

  step(chance: Chance): void {
    this.at += chance.below(3) * 700;
    const happening = this.state.status === 'absent' ? 'start' : chance.of(this.weather);
    switch (happening) {
      case 'result': return this.#result(chance);
      case 'timers': return this.#timers(chance);
      case 'loss': return this.#loss(chance);
      case 'again': return this.#again(chance);
      case 'person': return this.#person(chance);
      case 'pause': return void this.send(chance.below(2) === 0 ? pause() : resume());
      case 'cancel': return void this.send(cancel());
      default: this.send(start(this.agent, chance.below(8) === 0 ? 'Something else' : 'Hello'));
    }
  }

  #result(chance: Chance): void {
    const step = chance.of(this.open.filter(isUnderWay));
    if (step !== undefined) this.send(resultOf(step, chance));
    else this.#person(chance);
  }

  #timers(chance: Chance): void {
    const wakeAt = nextWakeAt(this.state);
    const retries = this.open.some((open) => open.retryAt !== undefined);
    if (wakeAt !== undefined && (chance.below(5) === 0 || retries)) this.at = Math.max(this.at, wakeAt);
    this.send(fireTimers());
  }

  #loss(chance: Chance): void {
    const attempts = this.open.filter(() => chance.below(2) === 0).map(refOf);
    this.send(lose(...[...attempts, { step: 1 + chance.below(9), attempt: 1 }].map(({ step, attempt }) => [step, attempt] as const)));
  }

  /** An old message, or a result of an attempt that nobody waits for. */
  #again(chance: Chance): void {
    const lost = this.state.status === 'absent' ? [] : this.state.lost;
    const late = chance.below(2) === 0 ? chance.of(lost) : undefined;
    if (late !== undefined) this.send(chance.below(2) === 0 ? modelAnswers(late.step, says('late'), late) : toolAnswers(late.step, 'late', late.attempt));
    else this.send(this.decisions[chance.below(this.decisions.length)]?.command ?? fireTimers());
  }

  #person(chance: Chance): void {
    const kind = chance.below(20);
    const unknown = chance.of(this.open.filter((open) => open.kind === 'tool' && open.unknown));
    if (unknown !== undefined && kind < 8) this.send(kind < 4 ? reconcileApplied(unknown.step, 'It was done.') : reconcileNotApplied(unknown.step, 'nothing there'));
    else if (kind < 17) this.send(provide(chance.of(TEXTS) ?? 'Yes', `in-${chance.below(30)}`, chance.below(40) === 0 ? true : undefined));
    else if (kind < 19) this.send(resume());
    else this.send(reconcileApplied(1 + chance.below(9), 'It was done.'));
  }
}

export const refOf = ({ step, attempt }: AttemptRef): AttemptRef => ({ step, attempt });

function resultOf(open: OpenStep, chance: Chance): RunCommand {
  const { step, attempt } = open;
  const succeeds = chance.below(10) < (open.kind === 'model' ? 9 : 6);
  if (open.kind === 'model') return succeeds ? modelAnswers(step, answer(chance), { attempt }) : modelFails(step, failure(chance, 'model'), { attempt, jitter: chance.below(5) / 4 });
  if (succeeds) return toolAnswers(step, `${chance.of(TEXTS)}${chance.below(20)}`, attempt);
  const outcomeUnknown = [undefined, true, false][chance.below(3)];
  return toolFails(step, failure(chance, 'tool'), { attempt, jitter: chance.below(5) / 4, ...(outcomeUnknown !== undefined && { outcomeUnknown }) });
}

function answer(chance: Chance): AssistantContent {
  if (chance.below(6) === 0) return says(chance.of(TEXTS) ?? 'Yes');
  const calls = [anyCall(chance)];
  for (let more = chance.below(4); more > 0; more--) calls.push(chance.below(2) === 0 ? (chance.of(calls) ?? anyCall(chance)) : anyCall(chance));
  return asks(...calls);
}

const anyCall = (chance: Chance): ReturnType<typeof call> => call(chance.of(TOOL_NAMES) ?? 'lookup', { n: chance.below(2) });

function failure(chance: Chance, origin: 'model' | 'tool'): Failure {
  const name = chance.below(6) > 0 ? 'transient_upstream' : (chance.of(CLASSES) ?? 'internal');
  return failureOf(name, { origin, ...(chance.below(6) === 0 && { retryAfterMs: chance.below(9) * 1000 }) });
}

