/**
 * The small world of the explorer: two owners of one partition, a log that takes whatever arrives, a
 * network that loses, delays and doubles, and a few commands. A state is small enough to be a string.
 * Who is believed is decided by the real `judge`, which every reader uses.
 */
import { judge, NO_WRITER, type Fence, type Verdict } from '../../fence.ts';
import { TRANSITION_SCHEMA, WRITER_STARTED_SCHEMA, type LogRecord } from '../../record.ts';

/** The rules of the protocol. Taking one out must lead to a counterexample. */
export interface Rules {
  /** Rule 1: an owner acts on what was acknowledged at the expected offset, not on what was acknowledged. */
  readonly offsetChecked: boolean;
  /** Rule 2: a claim takes effect only if the writer that it follows is in force. */
  readonly follows: boolean;
  /** Rule 2: a record counts only if its `n` is the next one. */
  readonly n: boolean;
  /** Rule 2: every claim has a new writer id. */
  readonly freshWriter: boolean;
  /** Rule 3: what an owner does after a write error. Only the first is right. */
  readonly afterError: 'new-epoch' | 'same-epoch' | 'same-bytes' | 'same-producer';
}

export const ALL_RULES: Rules = { offsetChecked: true, follows: true, n: true, freshWriter: true, afterError: 'new-epoch' };

/** How far the world may go. All states within are visited. */
export interface Bounds {
  readonly commands: number;
  readonly batchMax: number;
  readonly recordsMax: number;
  readonly claimsMax: number;
  /** Requests that are late or doubled, and still under way. */
  readonly lateMax: number;
}

/**
 * A record of the log as a word: `S<writer><follows>` is a claim, `T<writer><n><command>` a transition.
 * Writers are letters, `-` is nobody, numbers and commands are digits.
 */
export type Word = string;

export function claimWord(writer: string, follows: string | null): Word {
  return `S${writer}${follows ?? '-'}`;
}

export function transitionWord(writer: string, n: number, command: string): Word {
  return `T${writer}${n}${command}`;
}

/** The command that a record applies, or undefined for a claim. */
export function commandOf(word: Word): string | undefined {
  return word.startsWith('T') ? word.charAt(3) : undefined;
}

export function writerOf(word: Word): string {
  return word.charAt(1);
}

export function isClaim(word: Word): boolean {
  return word.startsWith('S');
}

const records = new Map<Word, LogRecord>();

export function recordOf(word: Word): LogRecord {
  const known = records.get(word);
  if (known !== undefined) return known;
  const writer = writerOf(word);
  const follows = word.charAt(2);
  const record: LogRecord = isClaim(word)
    ? { schema: WRITER_STARTED_SCHEMA, writer, follows: follows === '-' ? null : follows, time: 0 }
    : { schema: TRANSITION_SCHEMA, tenant: 'acme', run: 'run-1', writer, n: Number(word.charAt(2)), cause: `command ${word.charAt(3)}`, actor: 'explorer', time: 0, events: [] };
  records.set(word, record);
  return record;
}

/** The real judge. Where a rule is taken out, it is shown a record that fulfils the rule. */
export function judgeBy(rules: Rules, fence: Fence, word: Word): Verdict {
  const record = recordOf(word);
  if (record.schema === WRITER_STARTED_SCHEMA) return judge(fence, rules.follows ? record : { ...record, follows: fence.writer });
  return judge(fence, rules.n ? record : { ...record, n: fence.n + 1 });
}

/** One owner's memory. A crash loses all of it. */
export interface Owner {
  readonly up: boolean;
  /** Whom it writes as, or null if it has to claim first. It is in force only if `fence` says so. */
  readonly writer: string | null;
  /** How many records it has read or written with acceptance: the offset that it expects next. */
  readonly read: number;
  readonly fence: Fence;
  /** The commands that it takes as applied, in order of their names. */
  readonly applied: string;
  /** It may not decide before it has read on. */
  readonly behind: boolean;
  /** Only where rule 3 is out: the bytes that failed, to be sent again, or the size of the batch at which its producer failed. */
  readonly failed: readonly Word[];
}

export const DOWN: Owner = { up: false, writer: null, read: 0, fence: NO_WRITER, applied: '', behind: true, failed: [] };

export interface State {
  readonly log: readonly Word[];
  /** Requests under way that have been answered, or never will be; each lands whole, or never. */
  readonly late: readonly (readonly Word[])[];
  readonly owners: readonly [Owner, Owner];
  readonly claims: number;
}

export const START: State = { log: [], late: [], owners: [DOWN, DOWN], claims: 0 };

export function keyOf({ log, late, owners, claims }: State): string {
  const [first, second] = owners;
  return `${log.join('')}|${late.map((words) => words.join('')).toSorted().join(',')}|${ownerKey(first)}|${ownerKey(second)}|${claims}`;
}

function ownerKey({ up, writer, read, fence, applied, behind, failed }: Owner): string {
  if (!up) return '';
  return `${writer ?? '-'}${read}${fence.writer ?? '-'}${fence.n}/${applied}${behind ? '!' : ''}${failed.join('')}`;
}

/** What a reader makes of records: who is in force after them, and which of them count. */
export interface Fold {
  readonly fence: Fence;
  readonly verdicts: readonly Verdict[];
}

export function foldFrom(rules: Rules, from: Fence, words: readonly Word[]): Fold {
  let fence = from;
  const verdicts = words.map((word) => {
    const verdict = judgeBy(rules, fence, word);
    if (verdict.accepted) fence = verdict.fence;
    return verdict;
  });
  return { fence, verdicts };
}
