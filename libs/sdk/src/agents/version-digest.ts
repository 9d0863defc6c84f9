/**
 * Versions are digests, so that nobody has to count them up: the same declaration has the same version in every process.
 * Keys are sorted first (as RFC 8785 does), since the order in which a schema library writes them is no change.
 */
import { createHash } from 'node:crypto';

const CHARACTERS = 22;

/** 22 characters of base64url (132 bits) of the SHA-256 of the value's JSON text with sorted keys. */
export function versionDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(sorted(value))).digest('base64url').slice(0, CHARACTERS);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, held]) => [key, sorted(held)]));
}
