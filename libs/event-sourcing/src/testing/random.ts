/** A small seeded generator (mulberry32), so that a run of a simulation can be repeated from its seed. */

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [from, below). */
  integer(from: number, below: number): number;
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, integer: (from, below) => from + Math.floor(next() * (below - from)) };
}
