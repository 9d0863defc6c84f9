/**
 * Ids that say where a run lives. A run id carries its partition, so that a producer of commands needs no
 * lookup: `run_<partition>_<26 characters of 0-9a-v>`. Ids chosen by a caller are mapped onto such an id
 * by their hash, so that the same choice is the same run, for ever.
 */
import { z } from 'zod';

const RUN_ID = /^run_(0|[1-9]\d{0,3})_([0-9a-v]{26})$/;

export const runId = z.string().regex(RUN_ID, 'expected run_<partition>_<26 characters of 0-9a-v>').describe('A run id; it carries its partition.');
export const tenantId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected 1–63 characters of a-z, 0-9 and -').describe('A tenant.');
export const agentName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected 1–63 characters of a-z, 0-9 and -, beginning with a letter').describe('The name of an agent.');
/** What a caller may choose as id or idempotency key. */
export const chosenKey = z.string().min(1).max(200).regex(/^[\x21-\x7e]+$/, 'expected printable ASCII without spaces').describe('An id or idempotency key chosen by the caller.');

/** The partition that a run lives in. Undefined if the text is no run id. */
export function partitionOf(run: string): number | undefined {
  const match = RUN_ID.exec(run);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** `entropy` are 26 characters of 0-9a-v (130 bits), made by the caller. */
export function runIdIn(partition: number, entropy: string): string {
  return `run_${partition}_${entropy}`;
}

/**
 * The run that a tenant's chosen id or key stands for. `partitions` is the number of partitions that the
 * installation began with; it never changes.
 */
export function runIdOfKey(tenant: string, key: string, partitions: number, hashBytes: (text: string) => Uint8Array): string {
  const digest = hashBytes(`runledger.key\n${tenant}\n${key}`);
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const partition = view.getUint32(0) % partitions;
  return runIdIn(partition, base32(digest.subarray(4), 26));
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';

/** The first `length` characters of the bytes in base 32, five bits a character. */
export function base32(bytes: Uint8Array, length: number): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && text.length < length) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    if (text.length === length) break;
  }
  return text;
}
