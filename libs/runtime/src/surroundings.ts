/** What a real process lends the engine: its clock, its entropy, its hash. */
import { createHash, hash as digest, randomFillSync } from 'node:crypto';
import { base32 } from '@runledger/contracts';
import { type Hash } from '@runledger/event-sourcing';
import { type Clock } from './ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  soon: (callback) => void setImmediate(callback),
};

export const sha256: Hash = (text) => digest('sha256', text, 'base64url');

export const sha256Bytes = (text: string): Uint8Array => createHash('sha256').update(text).digest();

const ENTROPY_BYTES = 17;
const pool = new Uint8Array(ENTROPY_BYTES * 256);
let used = pool.length;

/** 26 characters of 0-9a-v from the system's entropy, fetched for many ids at once. */
export function newId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return base32(pool.subarray(used, (used += ENTROPY_BYTES)), 26);
}

/** An id made from a digest in base64url, for worlds in which nothing is left to chance. */
export function base32Id(digestText: string): string {
  return base32(Buffer.from(digestText, 'base64url'), 26);
}
