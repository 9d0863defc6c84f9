import { describe, expect, it } from 'vitest';
import { PerKey } from './per-key.ts';

describe('what each key may hold open', () => {
  it('is counted per key, and free again whether it ended well or not', async () => {
    const held = new PerKey('streams', 2);
    const first = Promise.withResolvers<string>();
    const second = Promise.withResolvers<string>();
    const one = held.during('a', () => first.promise);
    const two = held.during('a', () => second.promise);
    await expect(held.during('a', async () => 'late')).rejects.toMatchObject({ code: 'platform/busy', message: 'This key has 2 streams open; it may have 2. End some, then try again.' });
    expect(await held.during('b', async () => 'other key')).toBe('other key');
    first.resolve('ended');
    second.reject(new Error('broke'));
    expect(await one).toBe('ended');
    await expect(two).rejects.toThrow('broke');
    expect(await held.during('a', async () => 'again')).toBe('again');
    expect(held.total).toBe(0);
  });
});
