import { describe, expect, it } from 'vitest';
import { hashOfKey, idOfKey, newKey } from './key-text.ts';

describe('the text of a key', () => {
  it('names its id and is never the same twice', () => {
    const keys = Array.from({ length: 1_000 }, newKey);
    expect(new Set(keys.map(({ text }) => text)).size).toBe(1_000);
    for (const { id, text } of keys) expect(idOfKey(text)).toBe(id);
  });

  it('is nothing else', () => {
    const { text } = newKey();
    for (const wrong of ['', 'rl_', text.slice(1), `${text} `, `${text}\n`, text.replace('rl_', 'RL_'), text.replaceAll('_', '-')]) expect(idOfKey(wrong), wrong).toBeUndefined();
  });

  it('is kept as its SHA-256', () => {
    expect(hashOfKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
