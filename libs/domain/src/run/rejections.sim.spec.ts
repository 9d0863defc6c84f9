/** Every refusal that a client can meet is told to it: it has a status, and its route says that it may come. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROBLEMS, ROUTES, type RunCommand } from '@runledger/contracts';
import { randomRun } from '../testing/random-run.ts';

const OPERATIONS: Partial<Record<RunCommand['type'], string>> = {
  StartRun: 'startRun', ProvideInput: 'provideInput', CancelRun: 'cancelRun', PauseRun: 'pauseRun', ResumeRun: 'resumeRun', ReconcileEffect: 'reconcileEffect',
};

describe('a refusal', () => {
  const refusals = new Map<string, string>();
  fc.assert(fc.property(fc.noBias(fc.array(fc.nat({ max: 9999 }), { minLength: 20, maxLength: 300, size: 'max' })), (numbers) => {
    for (const { command, decision } of randomRun(numbers).decisions) {
      if (decision.outcome === 'rejected') refusals.set(`${command.type} ${decision.rejection.code}`, decision.rejection.message);
    }
  }), { seed: 7, numRuns: 1500 });

  it('is known with its status, and says what was found', () => {
    for (const [refusal, message] of refusals) {
      expect(PROBLEMS, refusal).toHaveProperty([refusal.split(' ')[1] ?? '']);
      expect(message.length, refusal).toBeGreaterThan(20);
    }
  });

  it('is among the problems of its route', () => {
    expect(refusals.size).toBeGreaterThan(10);
    for (const refusal of refusals.keys()) {
      const [type, code] = refusal.split(' ');
      const route = ROUTES.find(({ operation }) => operation === OPERATIONS[type as RunCommand['type']]);
      expect(route?.problems, refusal).toContain(code);
    }
  });

  it('of every route is one that is known', () => {
    for (const route of ROUTES) for (const code of route.problems) expect(PROBLEMS, `${route.operation} ${code}`).toHaveProperty([code]);
  });
});
