/**
 * Everything that can happen next: an owner starts, crashes, reads, claims or decides, with every fate
 * that its request may meet, or a late request arrives.
 */
import { claimWord, commandOf, DOWN, isClaim, judgeBy, transitionWord, writerOf, type Bounds, type Owner, type Rules, type State, type Word } from './model.ts';

/** One thing that happened. `acted` are the records on which an owner has acted, with where it takes them to be. */
export interface Move {
  readonly kind: MoveKind;
  readonly text: () => string;
  readonly state: State;
  readonly acted: readonly { readonly word: Word; readonly offset: number }[];
}

export const FATES = ['acknowledged', 'ack-lost', 'dropped', 'late', 'doubled', 'doubled-ack-lost', 'swallowed'] as const;
export type Fate = (typeof FATES)[number];
export type MoveKind = 'start' | 'crash' | 'read' | 'late-arrives' | `claim/${Fate}` | `decide/${Fate}` | `resend/${Fate}`;

export function movesFrom(state: State, rules: Rules, bounds: Bounds): Move[] {
  const moves: Move[] = [];
  for (const who of [0, 1] as const) ownerMoves(state, who, rules, bounds, moves);
  state.late.forEach((words, index) => {
    if (state.log.length + words.length > bounds.recordsMax) return;
    const late = state.late.filter((_, k) => k !== index);
    moves.push({ kind: 'late-arrives', text: () => `A late request arrives: ${describe(words)} at offset ${state.log.length}.`, state: { ...state, log: [...state.log, ...words], late }, acted: [] });
  });
  return moves;
}

function ownerMoves(state: State, who: 0 | 1, rules: Rules, bounds: Bounds, moves: Move[]): void {
  const owner = state.owners[who];
  const name = `Owner ${who + 1}`;
  if (!owner.up) {
    moves.push({ kind: 'start', text: () => `${name} starts.`, state: withOwner(state, who, { ...DOWN, up: true }), acted: [] });
    return;
  }
  moves.push({ kind: 'crash', text: () => `${name} crashes.`, state: withOwner(state, who, DOWN), acted: [] });
  if (owner.behind || owner.read < state.log.length) moves.push(read(state, who, rules));
  if (owner.behind) return;
  if (owner.writer === null) {
    if (state.claims < bounds.claimsMax) sendClaim(state, who, rules, bounds, moves);
  } else if (owner.fence.writer === owner.writer) {
    if (rules.afterError === 'same-bytes' && owner.failed.length > 0) send(state, who, 'resend', owner.failed, rules, bounds, moves);
    for (const batch of batches(owner, bounds)) send(state, who, 'decide', batch, rules, bounds, moves);
  }
}

/** Reads to the end. An owner that finds its own record accepted acts on it; one that is not in force has to claim. */
function read(state: State, who: 0 | 1, rules: Rules): Move {
  const owner = state.owners[who];
  const acted: { word: Word; offset: number }[] = [];
  let { fence, applied } = owner;
  for (let offset = owner.read; offset < state.log.length; offset += 1) {
    const word = state.log[offset] ?? '';
    const verdict = judgeBy(rules, fence, word);
    if (!verdict.accepted) continue;
    fence = verdict.fence;
    applied = withCommand(applied, word);
    if (writerOf(word) === owner.writer && !isClaim(word)) acted.push({ word, offset });
  }
  const writer = fence.writer === owner.writer ? owner.writer : null;
  const next: Owner = { ...owner, writer, read: state.log.length, fence, applied, behind: false };
  const lost = owner.writer !== null && writer === null ? ` and finds that writer ${owner.writer} is not in force` : '';
  return { kind: 'read', text: () => `Owner ${who + 1} reads up to offset ${state.log.length}${lost}.`, state: withOwner(state, who, next), acted };
}

function sendClaim(state: State, who: 0 | 1, rules: Rules, bounds: Bounds, moves: Move[]): void {
  const owner = state.owners[who];
  const writer = String.fromCharCode('a'.charCodeAt(0) + (rules.freshWriter ? state.claims : who));
  const claiming = withOwner({ ...state, claims: state.claims + 1 }, who, { ...owner, writer });
  send(claiming, who, 'claim', [claimWord(writer, owner.fence.writer)], rules, bounds, moves);
}

/** Every ordered choice of commands that the owner does not take as applied. */
function batches(owner: Owner, { commands, batchMax }: Bounds): Word[][] {
  const writer = owner.writer ?? '';
  const open = Array.from({ length: commands }, (_, k) => String(k + 1)).filter((command) => !owner.applied.includes(command));
  let chosen: string[][] = [[]];
  const all: string[][] = [];
  for (let size = 1; size <= batchMax; size += 1) {
    chosen = chosen.flatMap((some) => open.filter((command) => !some.includes(command)).map((command) => [...some, command]));
    all.push(...chosen);
  }
  return all.map((some) => some.map((command, k) => transitionWord(writer, owner.fence.n + 1 + k, command)));
}

type Sending = 'claim' | 'decide' | 'resend';

/** One request, with every fate that it may meet. */
function send(state: State, who: 0 | 1, sending: Sending, words: readonly Word[], rules: Rules, bounds: Bounds, moves: Move[]): void {
  const owner = state.owners[who];
  const offset = state.log.length;
  const fits = offset + words.length <= bounds.recordsMax;
  const roomToBeLate = state.late.length < bounds.lateMax;
  const appended: State = { ...state, log: [...state.log, ...words] };
  const late = (from: State): State => ({ ...from, late: [...from.late, words] });
  const push = (fate: Fate, network: State, answered: Answered): void => {
    const text = (): string => `Owner ${who + 1} ${VERBS[sending]} ${describe(words)}, expecting offset ${owner.read}: ${FATE_TEXTS[fate](offset)}${answered.actsOn ? '; it acts on it' : ''}.`;
    const acted = answered.actsOn ? words.map((word, k) => ({ word, offset: answered.at + k })) : [];
    moves.push({ kind: `${sending}/${fate}`, text, state: withOwner(network, who, answered.owner), acted });
  };
  const error = afterError(owner, words, rules);
  if (fits) {
    const acknowledged = afterAck(owner, sending, words, offset, rules);
    push('acknowledged', appended, acknowledged);
    push('ack-lost', appended, error);
    if (roomToBeLate) push('doubled', late(appended), acknowledged);
    if (roomToBeLate) push('doubled-ack-lost', late(appended), error);
  }
  push('dropped', state, error);
  if (roomToBeLate) push('late', late(state), error);
  // Seen with kafkajs: a producer that has failed rolls its sequence back, and the broker takes another batch of the same size for the one it has.
  if (rules.afterError === 'same-producer' && sending === 'decide' && owner.failed.length === words.length) push('swallowed', state, afterAck(owner, sending, words, owner.read, rules));
}

interface Answered {
  readonly owner: Owner;
  readonly actsOn: boolean;
  readonly at: number;
}

function afterAck(owner: Owner, sending: Sending, words: readonly Word[], at: number, rules: Rules): Answered {
  const believed = at === owner.read || (!rules.offsetChecked && sending === 'decide');
  if (!believed) return { owner: { ...owner, behind: true }, actsOn: false, at };
  let { fence, applied } = owner;
  for (const word of words) {
    const verdict = judgeBy(rules, fence, word);
    if (verdict.accepted) fence = verdict.fence;
    applied = withCommand(applied, word);
  }
  const failed = sending === 'resend' ? [] : owner.failed;
  return { owner: { ...owner, read: at + words.length, fence, applied, failed }, actsOn: sending !== 'claim', at };
}

/** Rule 3: a write error ends the epoch, and nothing of it is used again. */
function afterError(owner: Owner, words: readonly Word[], rules: Rules): Answered {
  const none = { actsOn: false, at: 0 };
  switch (rules.afterError) {
    case 'new-epoch':
      return { owner: { ...owner, writer: null, behind: true }, ...none };
    case 'same-epoch':
      return { owner: { ...owner, behind: true }, ...none };
    case 'same-bytes':
      return { owner: { ...owner, writer: null, behind: true, failed: words.some(isClaim) ? [] : words }, ...none };
    case 'same-producer':
      return { owner: { ...owner, writer: null, behind: true, failed: words }, ...none };
  }
}

function withOwner(state: State, who: 0 | 1, owner: Owner): State {
  return { ...state, owners: who === 0 ? [owner, state.owners[1]] : [state.owners[0], owner] };
}

function withCommand(applied: string, word: Word): string {
  const command = commandOf(word);
  return command === undefined || applied.includes(command) ? applied : [...applied, command].toSorted().join('');
}

const VERBS: Record<Sending, string> = { claim: 'claims the partition with', decide: 'appends', resend: 'sends again, as they were,' };

const FATE_TEXTS: Record<Fate, (offset: number) => string> = {
  acknowledged: (offset) => `appended and acknowledged at ${offset}`,
  'ack-lost': (offset) => `appended at ${offset}, but the answer is lost`,
  dropped: () => 'lost on the way, no answer',
  late: () => 'delayed on the way, no answer',
  doubled: (offset) => `appended and acknowledged at ${offset}, and a copy is still under way`,
  'doubled-ack-lost': (offset) => `appended at ${offset}, a copy is still under way, and the answer is lost`,
  swallowed: () => 'taken for a repetition of the failed one: acknowledged as expected, and not appended',
};

export function describe(words: readonly Word[]): string {
  return words.map((word) => (isClaim(word) ? `[writer ${writerOf(word)} started, follows ${word.charAt(2) === '-' ? 'nobody' : word.charAt(2)}]` : `[${writerOf(word)} n=${word.charAt(2)} command ${word.charAt(3)}]`)).join(' ');
}
