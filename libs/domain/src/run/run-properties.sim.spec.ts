/** What is true of every run, whatever happens to it. The runs are made once; a failure is shrunk to the fewest numbers that lead to it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEvent, type RunEvent } from '@runledger/contracts';
import { cancel, fireTimers, modelAnswers, reconcileApplied, resume, start, toolAnswers } from '../testing/commands.ts';
import { Chance, Driver, randomRun, type RandomRun } from '../testing/random-run.ts';
import { asks, call, hash, says } from '../testing/facts.ts';
import { agentWith } from '../testing/agents.ts';
import { evolve } from './evolve.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import { ABSENT, isUnderWay, nextWakeAt, type Run } from './state.ts';

const SEED = 20_260_115;
const RUNS = 2000;
/** Where every state is compared whole. */
const RUNS_COMPARED = 400;
const numbers = fc.noBias(fc.array(fc.nat({ max: 9999 }), { minLength: 20, maxLength: 600, size: 'max' }));

const randomRuns = fc.sample(fc.tuple(numbers, numbers), { seed: SEED, numRuns: RUNS }).map(([drive, more]) => ({ drive, more, run: randomRun(drive) }));

function ofEveryRun(check: (run: RandomRun, chance: Chance) => void, runs = RUNS): void {
  const holds = ({ drive, more, run = randomRun(drive) }: { drive: readonly number[]; more: readonly number[]; run?: RandomRun }): void => check(run, new Chance(more));
  const examined = randomRuns.slice(0, runs);
  try {
    examined.forEach(holds);
  } catch (error) {
    fc.assert(fc.property(numbers, numbers, (drive, more) => holds({ drive, more })), { seed: SEED, numRuns: runs });
    throw error;
  }
}

type Timed = RandomRun['events'];
const foldFrom = (from: Run, events: Timed): Run => events.reduce((state, { event, at }) => evolve(state, event, at), from);
const typed = <Type extends RunEvent['type']>(events: Timed, ...types: readonly Type[]): Extract<RunEvent, { type: Type }>[] =>
  events.flatMap(({ event }) => ((types as readonly string[]).includes(event.type) ? [event as Extract<RunEvent, { type: Type }>] : []));

describe('every run', () => {
  it('is exercised: the random runs come to every event and every end', () => {
    const seen = new Map<string, number>();
    ofEveryRun((run) => {
      for (const key of [run.state.status, ...run.events.map(({ event }) => event.type)]) seen.set(key, (seen.get(key) ?? 0) + 1);
    });
    expect([...seen.keys()].sort()).toEqual([
      'AttemptLost', 'EffectReconciled', 'EffectUnknown', 'InputReceived', 'InputRequested', 'LateResultRecorded', 'ModelCallCompleted', 'ModelCallFailed', 'ModelCallRequested', 'RetryScheduled', 'RunCancelled',
      'RunCompleted', 'RunExpired', 'RunFailed', 'RunPaused', 'RunResumed', 'RunStarted', 'TimerFired', 'ToolCallCompleted', 'ToolCallDenied', 'ToolCallDispatched', 'ToolCallFailed', 'ToolCallRequested',
      'absent', 'active', 'cancelled', 'completed', 'expired', 'failed',
    ].filter((name) => name !== 'absent'));
  });

  it('has the state that its events fold to, after every decision', () => {
    ofEveryRun((run) => {
      for (const { before, decision, at } of run.decisions) {
        if (decision.outcome !== 'applied') continue;
        expect(decision.events.length).toBeGreaterThan(0);
        expect(decision.state).toEqual(decision.events.reduce((state, event) => evolve(state, event, at), before));
      }
      expect(run.state).toEqual(foldFrom(ABSENT, run.events));
    }, RUNS_COMPARED);
  });

  it('writes events that fit their schemas, and fold the same from their text', () => {
    ofEveryRun((run) => {
      for (const { event } of run.events) checkEvent(event);
      expect(foldFrom(ABSENT, JSON.parse(JSON.stringify(run.events)) as Timed)).toEqual(run.state);
    }, RUNS_COMPARED);
  });

  it('goes on from a snapshot at any event as if it had been folded whole', () => {
    ofEveryRun((run, chance) => {
      for (let times = 0; times < 5; times++) {
        const at = chance.below(run.events.length + 1);
        const snapshot = readSnapshot(writeSnapshot(foldFrom(ABSENT, run.events.slice(0, at))));
        expect(snapshot).toBeDefined();
        expect(foldFrom(snapshot ?? ABSENT, run.events.slice(at))).toEqual(run.state);
      }
    }, RUNS_COMPARED);
  });

  it('holds every content once, in full where it is mentioned first, under the hash of its text', () => {
    ofEveryRun((run) => {
      const known = new Set<string>();
      for (const { event } of run.events) {
        for (const content of contentsOf(event.data)) {
          expect('body' in content, `${event.type} ${content.hash}`).toBe(!known.has(content.hash));
          if ('body' in content) expect(hash(JSON.stringify(content.body))).toBe(content.hash);
          known.add(content.hash);
        }
      }
    });
  });

  it('counts events, steps and attempts without a gap or a repetition', () => {
    ofEveryRun((run) => {
      const attempts = new Map<number, number>();
      for (const { data } of typed(run.events, 'ModelCallRequested', 'ToolCallRequested', 'ToolCallDenied')) {
        const attempt = 'attempt' in data ? data.attempt : 1;
        if (attempt === 1) expect(data.step).toBe(attempts.size + 1);
        expect(attempt).toBe((attempts.get(data.step) ?? 0) + 1);
        attempts.set(data.step, attempt);
      }
      const { state } = run;
      if (state.status !== 'absent') expect([state.sequence, state.counts.steps]).toEqual([run.events.length, attempts.size]);
    });
  });
});

function contentsOf(value: unknown): { readonly hash: string; readonly body?: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('hash' in value && typeof value.hash === 'string') return [value as { hash: string }];
  return Object.values(value).flatMap(contentsOf);
}

describe('the calls of every run', () => {
  const begins = (event: RunEvent): boolean => ['ModelCallRequested', 'ToolCallRequested', 'ToolCallDispatched'].includes(event.type);

  it('never begin after it was cancelled or expired, nor is one scheduled', () => {
    ofEveryRun((run) => {
      const stopped = run.events.findIndex(({ event }) => event.type === 'RunCancelled' || event.type === 'RunExpired');
      if (stopped >= 0) expect(run.events.slice(stopped).filter(({ event }) => begins(event) || event.type === 'RetryScheduled')).toEqual([]);
    });
  });

  it('never begin while it is paused', () => {
    ofEveryRun((run) => {
      let paused = false;
      for (const { event } of run.events) {
        if (event.type === 'RunPaused' || event.type === 'RunResumed') paused = event.type === 'RunPaused';
        expect(paused && begins(event)).toBe(false);
      }
    });
  });

  it('are dispatched at most once where their effect must not be repeated, and never where they have joined another', () => {
    ofEveryRun((run) => {
      const requested = new Map(typed(run.events, 'ToolCallRequested').map(({ data }) => [data.step, data]));
      const dispatched = new Map<number, number>();
      for (const { data } of typed(run.events, 'ToolCallDispatched')) dispatched.set(data.step, (dispatched.get(data.step) ?? 0) + 1);
      for (const [step, times] of dispatched) {
        if (requested.get(step)?.effect === 'once') expect(times).toBe(1);
        expect(requested.get(step)?.joins).toBeUndefined();
      }
    });
  });

  it('share their key among the attempts of one call, and an effect `once` is dispatched once per key', () => {
    ofEveryRun((run) => {
      const keys = new Map<number, string | undefined>();
      const once = new Set<string>();
      for (const { data } of typed(run.events, 'ToolCallRequested')) {
        if (data.attempt > 1) expect(data.key).toBe(keys.get(data.step));
        else if (data.effect === 'once' && data.joins === undefined) {
          expect(once.has(data.key ?? '')).toBe(false);
          once.add(data.key ?? '');
        }
        keys.set(data.step, data.key);
      }
    });
  });

  it('are tried no more often than the agent allows, losses apart', () => {
    ofEveryRun((run) => {
      const failures = new Map<number, number>();
      for (const { data } of typed(run.events, 'ModelCallFailed', 'ToolCallFailed')) failures.set(data.step, (failures.get(data.step) ?? 0) + 1);
      for (const times of failures.values()) expect(times).toBeLessThanOrEqual(run.agent.limits.attemptsMax);
    });
  });

  it('are all over, or given up, when the run is complete or has failed', () => {
    ofEveryRun((run) => {
      for (const { before, decision } of run.decisions) {
        if (decision.outcome !== 'applied') continue;
        decision.events.forEach((event, k) => {
          if (event.type !== 'RunCompleted' && event.type !== 'RunFailed') return;
          const at = decision.events.slice(0, k).reduce((state, earlier) => evolve(state, earlier, 0), before);
          expect(at.status === 'active' && at.open.filter((open) => event.type === 'RunCompleted' || open.kind === 'tool')).toEqual([]);
        });
      }
    });
  });
});

describe('every run that is not over', () => {
  it('waits for something that can come: a result, a time, an input, or a person', () => {
    ofEveryRun((run) => {
      for (const { after } of run.decisions) if (after.status === 'active') expect(waitsFor(after)).not.toEqual([]);
    });
  });

  it('wakes up for whatever has a time', () => {
    ofEveryRun((run) => {
      for (const { after } of run.decisions) {
        if (after.status !== 'active') continue;
        const due = after.open.some(isUnderWay) || (!after.paused && after.open.some((open) => open.retryAt !== undefined));
        if (due) expect(nextWakeAt(after)).toBeTypeOf('number');
      }
    });
  });

  it('ends once it is cancelled, every attempt has its result, and every doubt is settled', () => {
    ofEveryRun((run, chance) => {
      const driver = driverAt(run);
      driver.send(cancel());
      settleAll(driver, chance);
      expect(driver.state.status).not.toBe('active');
    });
  });

  it('goes on once it is resumed, its timers fire, and every doubt is settled', () => {
    ofEveryRun((run, chance) => {
      const driver = driverAt(run);
      driver.send(resume());
      for (let round = 0; round < 3; round++) settleAll(driver, chance);
      expect(driver.state.status === 'active' ? driver.state.awaitingInput : true).toBe(true);
    });
  });
});

function waitsFor(run: Extract<Run, { status: 'active' }>): string[] {
  return [
    run.open.some(isUnderWay) ? 'result' : '', run.open.some((open) => open.retryAt !== undefined) ? 'retry' : '', run.open.some((open) => open.kind === 'tool' && open.unknown) ? 'reconciliation' : '',
    run.awaitingInput ? 'input' : '', run.paused && run.ending === undefined ? 'resumption' : '',
  ].filter((name) => name !== '');
}

function driverAt(run: RandomRun): Driver {
  const driver = new Driver(run.agent);
  driver.state = run.state;
  driver.at = run.decisions.at(-1)?.at ?? driver.at;
  return driver;
}

/** Lets due timers fire, answers what is under way, and reconciles what is in doubt, until nothing of it is left. */
function settleAll(driver: Driver, chance: Chance): void {
  for (let rounds = 0; rounds < 500 && driver.open.length > 0; rounds++) {
    const step = driver.open.find((open) => open.retryAt !== undefined || isUnderWay(open) || (open.kind === 'tool' && open.unknown));
    if (step === undefined) return;
    if (step.retryAt !== undefined) {
      driver.at = Math.max(driver.at, step.retryAt);
      driver.send(fireTimers());
    } else if (step.kind === 'model') driver.send(modelAnswers(step.step, says('Done.'), step));
    else driver.send(step.unknown ? reconcileApplied(step.step, 'It was done.') : toolAnswers(step.step, `done ${chance.below(99)}`, step.attempt));
  }
}

describe('a run that has ended', () => {
  it('stays as it ended', () => {
    ofEveryRun((run) => {
      for (const { before, after } of run.decisions) {
        if (before.status === 'absent' || before.status === 'active') continue;
        const { sequence: _at, updatedAt: _when, usage: _spent, lost: _late, ...lasting } = before;
        expect(after).toMatchObject(lasting);
      }
    });
  });

  it('records nothing but costs that come late', () => {
    ofEveryRun((run) => {
      for (const { before, decision } of run.decisions) {
        if (before.status === 'absent' || before.status === 'active' || decision.outcome !== 'applied') continue;
        expect(decision.events.map((event) => event.type)).toEqual(['LateResultRecorded']);
      }
    });
  });
});

describe('a message that comes twice', () => {
  it('has no effect the second time', () => {
    ofEveryRun((run) => {
      for (const { command, decision, after, at } of run.decisions) {
        if (decision.outcome !== 'applied') continue;
        const driver = new Driver(run.agent);
        driver.state = after;
        driver.at = at;
        expect(driver.send(command).decision.outcome, command.type).not.toBe('applied');
      }
    });
  });
});

describe('the log of a run', () => {
  /** A conversation of `turns` turns, each with one tool call and messages of the same size. */
  const bytesOf = (turns: number): number => {
    const driver = new Driver(agentWith({ turns: 'many', limits: { modelCallsMax: 10_000, toolCallsMax: 10_000, stepsMax: 10_000 } }));
    driver.send(start(driver.agent));
    for (let turn = 0; turn < turns; turn++) {
      const label = String(turn).padStart(4, '0');
      const [model] = driver.open;
      driver.send(modelAnswers(model?.step ?? 0, asks(call('refund', { order: label }))));
      const [tool] = driver.open;
      driver.send(toolAnswers(tool?.step ?? 0, `Refunded ${label}. ${'x'.repeat(500)}`));
    }
    return driver.events.reduce((bytes, { event }) => bytes + Buffer.byteLength(JSON.stringify(event)), 0);
  };

  it('grows in step with the run: four times the steps, four times the bytes', () => {
    expect(bytesOf(200) / bytesOf(50) / 4).toBeGreaterThan(0.9);
    expect(bytesOf(200) / bytesOf(50) / 4).toBeLessThan(1.1);
  });
});
