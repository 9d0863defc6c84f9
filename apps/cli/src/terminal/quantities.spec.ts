import { describe, expect, it } from 'vitest';
import { clock, counted, duration, tokens, tokensInWords } from './quantities.ts';

describe('quantities', () => {
  it.each([[0, '0 ms'], [4.6, '5 ms'], [999.6, '1.0 s'], [59_940, '59.9 s'], [59_960, '1 min 00 s'], [185_000, '3 min 05 s'], [3_599_999, '1 h 00 min'], [7_380_000, '2 h 03 min'], [-5, '0 ms']])('tell %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('tell tokens, and those of the cache and of reasoning where there were any', () => {
    expect(tokens({ inputTokens: 1200, outputTokens: 85 })).toBe('1,200→85');
    expect(tokensInWords({ inputTokens: 1200, outputTokens: 85 })).toBe('1,200 tokens in, 85 out');
    expect(tokensInWords({ inputTokens: 1, outputTokens: 0, cacheReadTokens: 1000, cacheWriteTokens: 20, reasoningTokens: 3 })).toBe('1 token in (1,000 read from the cache, 20 written to it), 0 out (3 for reasoning)');
  });

  it('count in words', () => {
    expect([counted(1, 'step'), counted(2000, 'step'), counted(0, 'try', 'tries')]).toEqual(['1 step', '2,000 steps', '0 tries']);
  });

  it('tell a time without its fraction', () => {
    expect(clock('2026-01-15T09:00:00.123Z')).toBe('2026-01-15 09:00:00Z');
  });
});
