/**
 * SHA-256 of a text's UTF-8 bytes as 43 characters of unpadded base64url. Injected wherever pure code
 * needs it: the core imports no crypto of its own.
 */
export type Hash = (text: string) => string;

export const HASH_LENGTH = 43;

/** What a run's first event is chained to. */
export const CHAIN_START = 'A'.repeat(HASH_LENGTH);
