/** Every history ever recorded still folds, to what it meant when it was recorded. */
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, EVENT_VERSIONS, checkEvent } from '@runledger/contracts';
import { CHAIN_START, encodeTransition, verifyTransition } from '@runledger/event-sourcing';
import { hash } from '../testing/facts.ts';
import { foldTransitions, meaningOf, readHistories } from '../testing/histories.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

const histories = readHistories();

describe.each(histories.map((history) => [history.name, history] as const))('the history %s', (_name, { transitions, expected }) => {
  const [first] = transitions;
  const of = { tenant: first?.tenant ?? '', run: first?.run ?? '' };

  it('folds to what it meant', () => {
    const { digest, view } = meaningOf(foldTransitions(transitions), of);
    expect(view).toEqual(expected.view);
    expect(digest).toBe(expected.digest);
  });

  it('holds events that fit their schemas', () => {
    for (const event of transitions.flatMap(({ events }) => events)) expect(() => checkEvent(event), event.type).not.toThrow();
  });

  it('has the chain of hashes that it was written with', () => {
    let head = CHAIN_START;
    for (const { schema: _schema, events, ...header } of transitions) {
      const drafts = events.map(({ hash: _hash, ...draft }) => draft);
      const written = encodeTransition(header, drafts, head, hash);
      expect(written.hashes).toEqual(events.map((event) => event.hash));
      head = verifyTransition(written.body, head, hash);
    }
    expect(head).toBe(expected.head);
  });

  it('goes on from a snapshot after any of its transitions', () => {
    for (let k = 0; k <= transitions.length; k++) {
      const before = foldTransitions(transitions.slice(0, k));
      expect(readSnapshot(writeSnapshot(before))).toEqual(before);
    }
  });
});

describe('the histories together', () => {
  it('have every event in its newest version', () => {
    const seen = new Set(histories.flatMap(({ transitions }) => transitions.flatMap(({ events }) => events.map(({ type, version }) => `${type} ${version}`))));
    expect(EVENT_TYPES.filter((type) => !seen.has(`${type} ${EVENT_VERSIONS[type]}`))).toEqual([]);
  });

  it('come to every end', () => {
    expect(new Set(histories.map(({ expected }) => expected.view.status))).toEqual(new Set(['completed', 'failed', 'cancelled', 'expired']));
  });
});
