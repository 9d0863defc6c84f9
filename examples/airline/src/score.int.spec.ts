import { describe, expect, it } from 'vitest';
import { goldState, passHatK, score, type GoldAction, type Scored } from './score.ts';
import { agentUtterances, endedByItself, type Message } from './transcript.ts';

const certificate = (amount: string): GoldAction => ({
  name: 'send_certificate',
  argumentsText: `{"user_id": "mia_li_3668", "amount": ${amount}}`,
});
const transfer: GoldAction = { name: 'transfer_to_human_agents', argumentsText: '{"summary": ""}' };

const right: Scored = {
  task: { actions: [certificate('100'), transfer], outputs: ['1786', 'Tuesday'] },
  agentUtterances: ['Hello.', 'That is $1,786.', 'It flies on TUESDAY.'],
  endedByItself: true,
  finalDatabase: goldState([certificate('100')]),
};

describe('the score', () => {
  it('is 1 for a conversation that ended, did what it should, and said what it should', () => {
    expect(score(right)).toEqual({ reward: 1, endedByItself: true, recordsDiffering: [], outputsMissing: [] });
  });

  it('is 0 for one that was stopped at a limit', () => {
    expect(score({ ...right, endedByItself: false })).toMatchObject({ reward: 0, endedByItself: false, recordsDiffering: [] });
  });

  it('is 0 where something that should be said was not, or only in two parts', () => {
    expect(score({ ...right, agentUtterances: ['That is 17', '86.', 'Tuesday'] })).toMatchObject({ reward: 0, outputsMissing: ['1786'] });
  });

  it('is 0 where the database is another one', () => {
    const differing = { reward: 0, recordsDiffering: ['user mia_li_3668'] };
    expect(score({ ...right, finalDatabase: goldState([]) })).toMatchObject(differing);
    expect(score({ ...right, finalDatabase: goldState([certificate('100'), certificate('100')]) })).toMatchObject(differing);
    expect(score({ ...right, finalDatabase: goldState([certificate('101')]) })).toMatchObject(differing);
    // As in the benchmark, which compares texts: 100.0 is not 100.
    expect(score({ ...right, finalDatabase: goldState([certificate('100.0')]) })).toMatchObject(differing);
  });

  it('is 1 where what was changed was changed back', () => {
    const passengers = (name: string): GoldAction => ({
      name: 'update_reservation_passengers',
      argumentsText: `{"reservation_id": "H8Q05L", "passengers": [{"dob": "1973-10-26", "last_name": "Kovacs", "first_name": "${name}"}]}`,
    });
    const untouched = { ...right, task: { actions: [], outputs: [] } };
    expect(score({ ...untouched, finalDatabase: goldState([passengers('Anna')]) }).recordsDiffering).toEqual(['reservation H8Q05L']);
    expect(score({ ...untouched, finalDatabase: goldState([passengers('Anna'), passengers('Harper')]) }).reward).toBe(1);
  });
});

describe('the state of a database', () => {
  it('has a digest that is equal for equal databases only', () => {
    const [one, same, other] = ['100', '100', '101'].map((amount) => goldState([certificate(amount)]).digest);
    expect(one).toBe(same);
    expect(one).not.toBe(other);
    expect(goldState([]).changed).toEqual([]);
  });
});

describe('the end of a conversation', () => {
  const said = (content: string): Message => ({ role: 'user', content });
  const answered = (content: string | null, ...names: string[]): Message => ({
    role: 'assistant',
    content,
    toolCalls: names.map((name, index) => ({ id: `${index}`, name, argumentsText: '{}' })),
  });

  it('is its own when the user stops it, or the agent hands it to a person', () => {
    expect(endedByItself([said('Thanks. ###STOP###')])).toBe(true);
    expect(endedByItself([said('###STOP###'), answered('Wait!')])).toBe(false);
    expect(endedByItself([answered(null, 'think'), answered(null, 'transfer_to_human_agents'), said('Transfer successful')])).toBe(true);
    expect(endedByItself([answered(null, 'transfer_to_human_agents'), answered(null, 'think')])).toBe(false);
    expect(endedByItself([])).toBe(false);
  });

  it('leaves out of what the agent said whatever stood beside a tool call', () => {
    expect(agentUtterances([said('Hi'), answered('Hello'), answered('Let me think', 'think'), answered(null, 'think')])).toEqual(['Hello']);
  });
});

describe('pass^k', () => {
  const tasks = [4, 3, 2, 0].map((successes) => ({ successes, trials: 4 }));

  it('is the mean chance that k trials of a task all succeed', () => {
    expect(passHatK(tasks, 1)).toBeCloseTo(9 / 16, 12);
    expect(passHatK(tasks, 2)).toBeCloseTo((1 + 3 / 6 + 1 / 6) / 4, 12);
    expect(passHatK(tasks, 3)).toBeCloseTo((1 + 1 / 4) / 4, 12);
    expect(passHatK(tasks, 4)).toBeCloseTo(1 / 4, 12);
  });

  it('has no value for fewer trials than k', () => {
    expect(() => passHatK([...tasks, { successes: 1, trials: 1 }], 2)).toThrow(RangeError);
    expect(() => passHatK([], 1)).toThrow(RangeError);
  });
});
