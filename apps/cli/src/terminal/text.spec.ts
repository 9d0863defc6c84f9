import { describe, expect, it } from 'vitest';
import { cellsOf, padEnd, padStart, shortened, visible } from './text.ts';

describe('a text that is shortened', () => {
  it('is left as it is where it fits', () => {
    expect(shortened('Hello', 5)).toBe('Hello');
  });

  it('ends in an ellipsis where it does not, and takes no more columns than asked', () => {
    expect(shortened('Hello, world', 8)).toBe('Hello,…');
    expect(cellsOf(shortened('日本語日本語', 7))).toBe(7);
    expect(cellsOf(shortened('日本語日本語', 6))).toBeLessThanOrEqual(6);
  });

  it('stands in one line', () => {
    expect(shortened(' one\r\n\ttwo  three\u2028four ', 40)).toBe('one two three four');
  });

  it('is never cut inside a character that a person sees as one', () => {
    expect(shortened('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 5)).toBe('👨‍👩‍👧‍👦👨‍👩‍👧‍👦…');
    expect(shortened('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
  });

  it('says that there is more, though all that was looked at was white space', () => {
    expect(shortened(`${' '.repeat(1000)}end`, 10)).toBe('…');
  });

  it('is empty where there is no room', () => {
    expect(shortened('Hello', 0)).toBe('');
  });
});

describe('the width of a text', () => {
  it.each([['abc', 3], ['', 0], ['日本', 4], ['grüße', 5], ['🎉', 2], ['e\u0301', 1], ['✈\ufe0f', 2]])('of %j is %i', (text, cells) => {
    expect(cellsOf(text)).toBe(cells);
  });

  it('is what padding counts', () => {
    expect(padEnd('日', 4)).toBe('日  ');
    expect(padStart('日', 4)).toBe('  日');
    expect(padEnd('longer', 3)).toBe('longer');
  });
});

describe('a text from elsewhere', () => {
  it('cannot steer the terminal', () => {
    expect(visible('\u001b[2J\u001b]0;title\u0007\u009b31m\u007f\r')).toBe('␛[2J␛]0;title␇\ufffd31m␡␍');
  });

  it('cannot turn the reading direction', () => {
    expect(visible('a\u202eb\u2066c')).toBe('a\ufffdb\ufffdc');
  });

  it('keeps its lines and tabs', () => {
    expect(visible('one\r\n\ttwo\n')).toBe('one\n\ttwo\n');
  });
});
