import { describe, expect, it } from 'vitest';
import { within } from './within.ts';

describe('waiting for a while', () => {
  const never = new Promise<string>(() => undefined);

  it('gives the value if it comes in time, and its fault if that comes', async () => {
    const { signal } = new AbortController();
    expect(await within(Promise.resolve('value'), 1_000, signal)).toBe('value');
    await expect(within(Promise.reject(new Error('fault')), 1_000, signal)).rejects.toThrow('fault');
  });

  it('gives up when the time is over, or nobody waits any more', async () => {
    expect(await within(never, 5, new AbortController().signal)).toBeUndefined();
    const controller = new AbortController();
    const waiting = within(never, 60_000, controller.signal);
    controller.abort();
    expect(await waiting).toBeUndefined();
    expect(await within(never, 60_000, controller.signal)).toBeUndefined();
  });
});
