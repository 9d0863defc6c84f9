/** What must hold in every state that can be reached. Returns a sentence about what does not, or undefined. */
import { commandOf, foldFrom, type Fold, type Owner, type Rules, type State, type Word } from './model.ts';
import { describe, type Move } from './moves.ts';

export const INVARIANTS = {
  acted: 'Everything acted upon is accepted for every reader.',
  once: 'No command is applied twice.',
  kept: 'Nothing accepted is lost.',
  agree: 'Readers that start anywhere agree, and so does each owner.',
} as const;

export interface Violation {
  readonly invariant: keyof typeof INVARIANTS;
  readonly found: string;
}

/** What a move must not do. `before` and `after` are what a reader from the beginning makes of the log. */
export function violationOfMove(before: Fold, { state, acted }: Move, after: Fold): Violation | undefined {
  for (const { word, offset } of acted) {
    const verdict = state.log[offset] === word ? after.verdicts[offset] : undefined;
    if (verdict?.accepted === true) continue;
    const why = verdict === undefined ? 'it does not stand there' : `every reader ignores it (${verdict.accepted ? '' : verdict.reason})`;
    return { invariant: 'acted', found: `An owner acts on ${describe([word])} at offset ${offset}, but ${why}.` };
  }
  const changed = before.verdicts.findIndex(({ accepted }, offset) => accepted !== after.verdicts[offset]?.accepted);
  return changed < 0 ? undefined : { invariant: 'kept', found: `The record at offset ${changed} was judged otherwise before.` };
}

/** What a state must not be. `fold` gives what a reader from the beginning makes of records. */
export function violationOfState(state: State, rules: Rules, fold: (words: readonly Word[]) => Fold): Violation | undefined {
  const whole = fold(state.log);
  let applied = '';
  for (const [offset, word] of state.log.entries()) {
    const command = whole.verdicts[offset]?.accepted === true ? (commandOf(word) ?? '') : '';
    if (command !== '' && applied.includes(command)) return { invariant: 'once', found: `Command ${command} is applied again at offset ${offset}.` };
    applied += command;
  }
  return disagreement(state, rules, fold);
}

/** An owner is a reader that has come from the beginning; whoever starts from its memory starts in the middle. */
function disagreement({ log, owners }: State, rules: Rules, fold: (words: readonly Word[]) => Fold): Violation | undefined {
  const whole = fold(log);
  for (const [index, owner] of owners.entries()) {
    if (!owner.up) continue;
    const read = log.slice(0, owner.read);
    const head = fold(read);
    const tail = foldFrom(rules, owner.fence, log.slice(owner.read));
    const sameHead = head.fence.writer === owner.fence.writer && head.fence.n === owner.fence.n && owner.applied === appliedIn(read, head) && owner.read <= log.length;
    const sameTail = tail.verdicts.every(({ accepted }, k) => accepted === whole.verdicts[owner.read + k]?.accepted);
    if (!sameHead || !sameTail) return { invariant: 'agree', found: `Owner ${index + 1} believes ${belief(owner)}, a reader from the beginning finds writer ${String(head.fence.writer)} at n=${head.fence.n} and the commands {${appliedIn(read, head)}}.` };
  }
  return undefined;
}

function belief({ fence, applied, read }: Owner): string {
  return `writer ${String(fence.writer)} at n=${fence.n} and the commands {${applied}} before offset ${read}`;
}

function appliedIn(words: readonly Word[], { verdicts }: Fold): string {
  const commands = words.flatMap((word, offset) => (verdicts[offset]?.accepted === true ? (commandOf(word) ?? []) : []));
  return [...new Set(commands)].toSorted().join('');
}
