/**
 * What has been said in a run, and which content stands where. Both only grow, and both are shared between
 * states: adding to them costs the same at step 500 as at step 1.
 */
export interface TranscriptEntry {
  readonly role: 'user' | 'assistant' | 'tool';
  /** Hash of the content's JSON text. */
  readonly hash: string;
  readonly callId?: string;
  readonly tool?: string;
}

export interface Transcript {
  readonly previous: Transcript | undefined;
  readonly entry: TranscriptEntry;
  readonly length: number;
}

export function say(transcript: Transcript | undefined, entry: TranscriptEntry): Transcript {
  return { previous: transcript, entry, length: (transcript?.length ?? 0) + 1 };
}

/** The entries from index `from` (counted from 0) up to `to`, oldest first. */
export function entriesOf(transcript: Transcript | undefined, from = 0, to = Infinity): readonly TranscriptEntry[] {
  const entries: TranscriptEntry[] = [];
  for (let at = transcript; at !== undefined && at.length > from; at = at.previous) if (at.length <= to) entries.push(at.entry);
  return entries.reverse();
}

/** Where content stands: the sequence of the event that holds it in full. */
export interface ContentPlace {
  readonly hash: string;
  readonly sequence: number;
}

const BUCKETS = 64;

/** From content hash to the place of the content, in buckets by the hash's first character. */
export type ContentIndex = readonly (readonly ContentPlace[])[];

export const NO_CONTENTS: ContentIndex = Array.from({ length: BUCKETS }, () => []);

const bucketOf = (hash: string): number => hash.charCodeAt(0) % BUCKETS;

export function placeOf(contents: ContentIndex, hash: string): number | undefined {
  return contents[bucketOf(hash)]?.find((place) => place.hash === hash)?.sequence;
}

export function withContent(contents: ContentIndex, hash: string, sequence: number): ContentIndex {
  const bucket = bucketOf(hash);
  const grown = contents.slice();
  grown[bucket] = [...(contents[bucket] ?? []), { hash, sequence }];
  return grown;
}
