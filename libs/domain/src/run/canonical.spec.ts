import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argumentsMeaning, canonicalJson } from './canonical.ts';

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([name, member]) => [name, shuffled(member)]));
};

describe('canonical JSON', () => {
  it('sorts members by their names, at every depth, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: undefined, A: 'x' })).toBe('{"A":"x","b":[{"c":null,"d":1}]}');
  });

  it('means what the value means, in whatever order its members came', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }), { seed: 1 });
  });
});

describe('the meaning of arguments', () => {
  it('does not depend on how they are laid out', () => {
    const exact = fc.letrec((tie) => ({ any: fc.oneof({ depthSize: 'small' }, fc.string(), fc.integer(), fc.constantFrom(0.5, -1.25), fc.boolean(), fc.constant(null), fc.array(tie('any')), fc.dictionary(fc.string(), tie('any'))) })).any;
    fc.assert(fc.property(exact, (value) => {
      expect(argumentsMeaning(JSON.stringify(shuffled(value), null, 2))).toBe(argumentsMeaning(JSON.stringify(value)));
    }), { seed: 1 });
  });

  it('is the text itself where it is no JSON, is nested beyond measure, or holds a number that reading would change', () => {
    for (const text of ['', '{', '{"account":9007199254740993}', '[1e999]', '['.repeat(200_000) + ']'.repeat(200_000)]) expect(argumentsMeaning(text)).toBe(JSON.stringify(text));
  });

  it('takes a member named __proto__ for a member', () => {
    expect(argumentsMeaning('{"__proto__":{"a":1}}')).toBe('{"__proto__":{"a":1}}');
  });
});
