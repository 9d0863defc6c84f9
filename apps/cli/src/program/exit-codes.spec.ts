import { describe, expect, it } from 'vitest';
import { RunledgerError } from '@runledger/sdk';
import { EXIT, exitCodeOf, exitCodeOfRun, ExplainedError, UsageError } from './exit-codes.ts';

const error = (code: string, status?: number) => new RunledgerError(code, 'A message.', { status });

describe('the exit code of an error', () => {
  it.each([
    ['a command line that cannot be carried out', new UsageError('No.'), EXIT.usage],
    ['a request that was refused before it was sent', error('request/invalid'), EXIT.usage],
    ['a platform that is not there', error('platform/unreachable'), EXIT.unreachable],
    ['a platform that does not answer', error('platform/timeout'), EXIT.unreachable],
    ['a platform that is not ready', error('platform/unavailable', 503), EXIT.unreachable],
    ['a server that is no platform', error('response/unexpected', 404), EXIT.unreachable],
    ['a request that the platform finds wrong', error('request/invalid', 400), EXIT.refused],
    ['a key that is refused', error('key/unknown', 401), EXIT.refused],
    ['a run that there is not', error('run/unknown', 404), EXIT.refused],
    ['a run that has ended', error('run/ended', 409), EXIT.refused],
    ['a defect of the platform', error('internal/error', 500), EXIT.failed],
    ['a defect of this program', new TypeError('x is undefined'), EXIT.failed],
  ])('for %s', (_what, found, code) => {
    expect(exitCodeOf(found)).toBe(code);
  });

  it('stays the same with hints', () => {
    const explained = new ExplainedError(error('key/unknown', 401), ['Try another.']);
    expect([explained.message, exitCodeOf(explained)]).toEqual(['A message. [key/unknown]', EXIT.refused]);
  });
});

describe('the exit code of a run that was waited for', () => {
  it.each([
    [{ status: 'completed' }, EXIT.ok],
    [{ status: 'waiting', waitingFor: 'input' }, EXIT.ok],
    [{ status: 'waiting', waitingFor: 'reconciliation' }, EXIT.failed],
    [{ status: 'failed' }, EXIT.failed],
    [{ status: 'cancelled' }, EXIT.failed],
    [{ status: 'expired' }, EXIT.failed],
    [{ status: 'running' }, EXIT.failed],
    [{ status: 'paused' }, EXIT.failed],
  ] as const)('%j', (view, code) => {
    expect(exitCodeOfRun(view)).toBe(code);
  });
});
