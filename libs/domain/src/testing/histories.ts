/**
 * Recorded histories: runs as they lay in a log once, beside what they meant. A line for what it is about, a line for
 * each transition (the record's text without its line breaks), a line for what its fold has to come to.
 */
import { readFileSync, readdirSync } from 'node:fs';
import type { RunView, StoredRunEvent } from '@runledger/contracts';
import { CHAIN_START, encodeTransition, type Transition } from '@runledger/event-sourcing';
import { canonicalJson } from '../run/canonical.ts';
import { decide } from '../run/decide.ts';
import { evolve } from '../run/evolve.ts';
import { ABSENT, nextWakeAt, type Run } from '../run/state.ts';
import { entriesOf } from '../run/transcript.ts';
import { viewOf } from '../run/view.ts';
import { NOW, TENANT, hash } from './facts.ts';
import { type Story } from './stories.ts';

export const HISTORIES_FOLDER = new URL('../../histories/', import.meta.url);

export type RunTransition = Transition<StoredRunEvent>;

export interface Expected {
  /** Hash of the last event. */
  readonly head: string;
  readonly digest: string;
  readonly view: RunView;
}

export interface History {
  readonly name: string;
  readonly about: string;
  readonly transitions: readonly RunTransition[];
  readonly expected: Expected;
}

export function readHistories(): readonly History[] {
  const names = readdirSync(HISTORIES_FOLDER).filter((name) => name.endsWith('.jsonl')).sort();
  return names.map((name) => parseHistory(name.slice(0, -'.jsonl'.length), readFileSync(new URL(name, HISTORIES_FOLDER), 'utf8')));
}

function parseHistory(name: string, text: string): History {
  const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);
  const [first, last] = [lines[0] as { about: string }, lines.at(-1) as { expected: Expected }];
  return { name, about: first.about, transitions: lines.slice(1, -1) as RunTransition[], expected: last.expected };
}

export function foldTransitions(transitions: readonly RunTransition[]): Run {
  return transitions.reduce<Run>((run, { events, time }) => events.reduce<Run>((state, event) => evolve(state, event, time), run), ABSENT);
}

/**
 * What a state means, whatever it is made of: how clients see it, what was said, what is under way. The digest is over
 * this and not over the state, so that the rules may keep their books in another way.
 */
export function meaningOf(run: Run, of: { readonly tenant: string; readonly run: string }): { readonly digest: string; readonly view: RunView } {
  const view = viewOf(of, run, (ms) => new Date(ms).toISOString());
  if (run.status === 'absent' || view === undefined) throw new Error('A history begins with RunStarted.');
  const underWay = run.status !== 'active' ? [] : run.open.map(({ step, attempt, kind, retryAt }) => ({ step, attempt, kind, retryAt }));
  const said = run.status !== 'active' ? [] : entriesOf(run.transcript);
  const meaning = { view, said, underWay, wakeAt: nextWakeAt(run), answer: run.answer, inputs: run.inputIds, late: run.lost };
  return { digest: hash(canonicalJson(meaning)), view };
}

/** The history that the rules of today make of a story, line by line. */
export function recordHistory(story: Story): readonly string[] {
  const of = { tenant: TENANT, run: `run_0_${hash(story.name).toLowerCase().replaceAll(/[^0-9a-v]/g, '0').slice(0, 26)}` };
  const lines: string[] = [];
  let [state, head, time]: [Run, string, number] = [ABSENT, CHAIN_START, NOW];
  story.commands.forEach(({ afterMs, actor, command }, k) => {
    time += afterMs;
    const cause = `${story.name}-${k + 1}`;
    const decision = decide(state, { id: cause, ...of, time, actor, worker: 'worker-1', command }, hash);
    if (decision.outcome !== 'applied') throw new Error(`Command ${k + 1} of ${story.name}, a ${command.type}, was ${decision.outcome}. A story tells what happened.`);
    const first = state.status === 'absent' ? 1 : state.sequence + 1;
    const stem = hash(`${of.run}\n${cause}\n${first}`).slice(0, 22);
    const drafts = decision.events.map(({ type, version, data }, ordinal) => ({ id: `${stem}.${ordinal}`, sequence: first + ordinal, type, version, data }));
    const written = encodeTransition({ ...of, writer: 'writer-1', n: k + 1, cause, actor, agent: 'airline-desk', time }, drafts, head, hash);
    lines.push(written.body.replaceAll('\n', ''));
    head = written.head;
    state = decision.state;
  });
  const { digest, view } = meaningOf(state, of);
  return [JSON.stringify({ history: story.name, about: story.about }), ...lines, JSON.stringify({ expected: { head, digest, view } })];
}
