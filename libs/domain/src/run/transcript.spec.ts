import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_CONTENTS, entriesOf, placeOf, say, withContent, type ContentIndex, type Transcript, type TranscriptEntry } from './transcript.ts';

const entry = (k: number): TranscriptEntry => ({ role: 'user', hash: `h${k}` });
const saidOf = (length: number): Transcript | undefined => Array.from({ length }, (_, k) => entry(k)).reduce<Transcript | undefined>(say, undefined);

describe('a transcript', () => {
  it('gives the entries between two places, oldest first', () => {
    fc.assert(fc.property(fc.nat({ max: 30 }), fc.nat({ max: 40 }), fc.nat({ max: 40 }), (length, from, to) => {
      const all = Array.from({ length }, (_, k) => entry(k));
      expect(entriesOf(saidOf(length), from, to)).toEqual(all.slice(from, to));
      expect(entriesOf(saidOf(length), from)).toEqual(all.slice(from));
    }), { seed: 1 });
  });

  it('does not change for those who hold it when more is said', () => {
    const before = saidOf(2);
    say(before, entry(9));
    expect(entriesOf(before)).toEqual([entry(0), entry(1)]);
    expect(before?.length).toBe(2);
  });
});

describe('the index of contents', () => {
  it('finds every content at its place, and no other', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.base64String({ minLength: 8, maxLength: 8 }), { maxLength: 200 }), (hashes) => {
      const index = hashes.reduce<ContentIndex>((contents, hash, k) => withContent(contents, hash, k + 1), NO_CONTENTS);
      hashes.forEach((hash, k) => expect(placeOf(index, hash)).toBe(k + 1));
      expect(placeOf(index, 'nothing')).toBeUndefined();
      expect(placeOf(NO_CONTENTS, hashes[0] ?? 'x')).toBeUndefined();
    }), { seed: 1 });
  });
});
