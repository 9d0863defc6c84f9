/**
 * Visits every state that can be reached within bounds, breadth first, and stops at the first that
 * breaks an invariant: no shorter way leads to a broken one.
 */
import { NO_WRITER, type Ignored } from '../../fence.ts';
import { INVARIANTS, violationOfMove, violationOfState, type Violation } from './invariants.ts';
import { commandOf, foldFrom, isClaim, keyOf, START, type Bounds, type Fold, type Rules, type State, type Word } from './model.ts';
import { describe, movesFrom, type MoveKind } from './moves.ts';

export interface Exploration {
  /** Different states. */
  readonly states: number;
  readonly moves: number;
  /** Whether all states within the bounds were visited. */
  readonly complete: boolean;
  /** The longest of the shortest ways to a state. */
  readonly depth: number;
  /** How often each kind of move was made. */
  readonly made: Readonly<Partial<Record<MoveKind, number>>>;
  /** In how many states a record was ignored for this reason, or something else worth having seen was so. */
  readonly seen: Readonly<Record<Ignored | 'taken-over' | 'taken-over-twice' | 'all-applied', number>>;
  readonly counterexample?: Counterexample;
}

export interface Counterexample extends Violation {
  readonly steps: readonly string[];
  readonly log: readonly string[];
}

export interface ExplorerOptions {
  readonly rules: Rules;
  readonly bounds: Bounds;
  readonly statesMax: number;
}

export function explore(options: ExplorerOptions): Exploration {
  return new Explorer(options).run();
}

class Explorer {
  private readonly rules: Rules;
  private readonly bounds: Bounds;
  private readonly statesMax: number;
  private readonly known = new Set([keyOf(START)]);
  private readonly folds = new Map<string, Fold>();
  /** States that have been reached; those that have been left are dropped, since the way to them is kept. */
  private readonly states: (State | undefined)[] = [START];
  /** For each state, the one it was reached from, and by which of its moves. */
  private readonly from: number[] = [-1];
  private readonly choice: number[] = [-1];
  private readonly made: Partial<Record<MoveKind, number>> = {};
  private readonly seen = { 'stale-writer': 0, repeated: 0, gap: 0, 'late-claim': 0, 'taken-over': 0, 'taken-over-twice': 0, 'all-applied': 0 };
  private moves = 0;
  private depth = 0;

  constructor({ rules, bounds, statesMax }: ExplorerOptions) {
    this.rules = rules;
    this.bounds = bounds;
    this.statesMax = statesMax;
  }

  run(): Exploration {
    let levelEnd = 1;
    for (let at = 0; at < this.states.length; at += 1) {
      if (at === levelEnd) [levelEnd, this.depth] = [this.states.length, this.depth + 1];
      const state = this.states[at];
      if (state === undefined) continue;
      look(state, this.fold(state.log), this.bounds, this.seen);
      const broken = this.leave(at, state);
      if (broken !== undefined) return this.result(false, broken);
      if (this.states.length >= this.statesMax) return this.result(false);
      this.states[at] = undefined;
    }
    return this.result(true);
  }

  /** Makes every move from a state. Returns a counterexample if one of them breaks something. */
  private leave(at: number, state: State): Counterexample | undefined {
    const before = this.fold(state.log);
    for (const [choice, move] of movesFrom(state, this.rules, this.bounds).entries()) {
      this.moves += 1;
      this.made[move.kind] = (this.made[move.kind] ?? 0) + 1;
      const bad = violationOfMove(before, move, this.fold(move.state.log));
      if (bad !== undefined) return this.counterexample(bad, at, choice);
      const key = keyOf(move.state);
      if (this.known.has(key)) continue;
      const broken = violationOfState(move.state, this.rules, (words) => this.fold(words));
      if (broken !== undefined) return this.counterexample(broken, at, choice);
      this.known.add(key);
      this.states.push(move.state);
      this.from.push(at);
      this.choice.push(choice);
    }
    return undefined;
  }

  private fold(words: readonly Word[]): Fold {
    const key = words.join('');
    const known = this.folds.get(key);
    if (known !== undefined) return known;
    const fold = foldFrom(this.rules, NO_WRITER, words);
    this.folds.set(key, fold);
    return fold;
  }

  /** Walks the way to a state again, for the texts of its steps. */
  private counterexample(violation: Violation, at: number, choice: number): Counterexample {
    const choices = [choice];
    for (let k = at; k > 0; k = this.from[k] ?? 0) choices.unshift(this.choice[k] ?? 0);
    let state = START;
    const steps = choices.map((taken) => {
      const move = movesFrom(state, this.rules, this.bounds)[taken];
      if (move === undefined) throw new Error(`There is no move ${taken} where the counterexample takes it.`);
      state = move.state;
      return move.text();
    });
    const { verdicts } = this.fold(state.log);
    const log = state.log.map((word, offset) => {
      const verdict = verdicts[offset];
      return `offset ${offset}: ${describe([word])} ${verdict?.accepted === true ? (isClaim(word) ? 'takes effect' : 'is accepted') : `is ignored (${verdict?.reason ?? ''})`}`;
    });
    return { ...violation, steps, log };
  }

  private result(complete: boolean, counterexample?: Counterexample): Exploration {
    const { moves, depth, made, seen } = this;
    return { states: this.states.length, moves, complete, depth, made, seen, ...(counterexample === undefined ? {} : { counterexample }) };
  }
}

function look({ log }: State, { verdicts, fence }: Fold, { commands }: Bounds, seen: Record<keyof Exploration['seen'], number>): void {
  const reasons = new Set<Ignored>();
  const applied = new Set<string>();
  for (const [offset, verdict] of verdicts.entries()) {
    const command = commandOf(log[offset] ?? '');
    if (!verdict.accepted) reasons.add(verdict.reason);
    else if (command !== undefined) applied.add(command);
  }
  for (const reason of reasons) seen[reason] += 1;
  if (fence.epoch > 1) seen['taken-over'] += 1;
  if (fence.epoch > 2) seen['taken-over-twice'] += 1;
  if (applied.size === commands) seen['all-applied'] += 1;
}

/** A counterexample as a numbered list, with the log that every reader finds. */
export function printed({ invariant, found, steps, log }: Counterexample): string {
  return [`Broken: ${INVARIANTS[invariant]}`, ...steps.map((step, k) => `${String(k + 1).padStart(4)}. ${step}`), `   => ${found}`, ...log.map((line) => `      ${line}`)].join('\n');
}
