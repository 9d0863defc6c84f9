import { describe, expect, it } from 'vitest';
import { CONVERSATION, DESK, agentWith } from '../testing/agents.ts';
import { cancel, fireTimers, lose, modelAnswers, pause, provide, reconcileApplied, resume, start, toolAnswers } from '../testing/commands.ts';
import { NOW, hash, inputReceived, inputRequested, mentioning, modelCompleted, modelRequested, runCompleted, runStarted, says } from '../testing/facts.ts';
import { given } from '../testing/given.ts';

describe('starting a run', () => {
  it('pins the agent and asks the model at once', () => {
    given().when(start()).thenExactly(runStarted(), modelRequested(1, 1));
  });

  it('keeps the key and the metadata that came with the request', () => {
    const more = { key: 'order-7', metadata: { customer: 'c-1', vip: true } };
    given().when(start(DESK, 'Hello', more)).thenExactly(runStarted(DESK, 'Hello', more), modelRequested(1, 1));
  });

  it('dates the deadline from the start', () => {
    const hasty = agentWith({ limits: { deadlineMs: 10_000 } });
    given().when(start(hasty)).thenExactly(runStarted(hasty, 'Hello', { deadlineAt: NOW + 10_000 }), modelRequested(1, 1));
  });

  it.each([provide('Hi', 'in-1'), cancel(), pause(), resume(), reconcileApplied(1, 'done'), modelAnswers(1, says('Hi')), toolAnswers(1, 'done'), lose([1, 1]), fireTimers()])(
    'comes before $type, which knows no run otherwise',
    (command) => {
      given().when(command).thenRejected('run/unknown');
    },
  );
});

describe('starting the same run again', () => {
  const started = given(runStarted(), modelRequested(1, 1));

  it('is the same start if the request is the same', () => {
    started.when(start()).thenDuplicate();
  });

  it('is the same start whatever the order of the metadata, and whichever version the agent has by now', () => {
    given(runStarted(DESK, 'Hello', { metadata: { a: 1, b: 2 } })).when(start(agentWith({ version: 'desk-v2' }), 'Hello', { metadata: { b: 2, a: 1 } })).thenDuplicate();
  });

  it('is the same start after the run has ended', () => {
    given(runStarted(), modelRequested(1, 1), modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(start()).thenDuplicate();
  });

  it.each([
    ['input', start(DESK, 'Good evening')],
    ['agent', start(agentWith({ name: 'other' }))],
    ['metadata', start(DESK, 'Hello', { metadata: { customer: 'c-1' } })],
  ])('is refused with another %s', (_what, other) => {
    started.when(other).thenRejected('run/key-reused');
  });

  it('is refused with another request after the run has ended', () => {
    given(runStarted(), modelRequested(1, 1), modelCompleted(1, says('Hi')), runCompleted('answer', says('Hi'))).when(start(DESK, 'Good evening')).thenRejected('run/key-reused');
  });
});

describe('what a model call saw', () => {
  const contextsOf = (agent = CONVERSATION): string[] => {
    const first = given().when(start(agent));
    const parked = first.after().when(modelAnswers(1, says('Hi'))).after();
    const second = parked.when(provide('And now?', 'in-1'));
    return [...first.events(), ...second.events()].flatMap((event) => (event.type === 'ModelCallRequested' ? [event.data.context] : []));
  };

  it('is a digest that rolls over the briefing and the messages said since the call before', () => {
    const hashOf = (body: unknown): string => hash(JSON.stringify(body));
    const [started] = given().when(start(CONVERSATION)).events();
    const briefing = started?.type === 'RunStarted' ? started.data.briefing.hash : '';
    const first = hash([briefing, `user ${hashOf('Hello')} `].join('\n'));
    expect(contextsOf()).toEqual([first, hash([first, `assistant ${hashOf(says('Hi'))} `, `user ${hashOf('And now?')} `].join('\n'))]);
  });

  it('is the same for a later attempt of the call', () => {
    const situation = given().when(start()).after();
    const [, requested] = given().when(start()).events();
    const [, again] = situation.when(lose([1, 1])).events();
    expect(again?.type === 'ModelCallRequested' && requested?.type === 'ModelCallRequested' && again.data.context === requested.data.context).toBe(true);
  });
});

describe('content', () => {
  it('stands in the log once, and by its hash afterwards', () => {
    given(runStarted(CONVERSATION, 'Yes'), modelRequested(1, 1), modelCompleted(1, says('Sure?')), inputRequested())
      .when(provide('Yes', 'in-1'))
      .thenExactly(mentioning(inputReceived('Yes', 'in-1')), modelRequested(2, 3));
  });
});
