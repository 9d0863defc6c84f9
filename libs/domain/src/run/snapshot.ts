/** A run's state as text, for takeover without its whole history. Used only by the decider version that made it. */
import { runDecider } from './decide.ts';
import { ABSENT, type ActiveRun, type EndedRun, type Run } from './state.ts';
import { NO_CONTENTS, entriesOf, say, withContent, type ContentIndex, type ContentPlace, type Transcript, type TranscriptEntry } from './transcript.ts';

type Packed<State> = Omit<State, 'contents' | 'transcript'> & { readonly contents: readonly ContentPlace[]; readonly transcript?: readonly TranscriptEntry[] };

export function writeSnapshot(run: Run): string {
  if (run.status === 'absent') return JSON.stringify({ version: runDecider.version, run: null });
  const contents = run.contents.flat();
  const packed = run.status === 'active' ? { ...run, contents, transcript: entriesOf(run.transcript) } : { ...run, contents };
  return JSON.stringify({ version: runDecider.version, run: packed });
}

/** Undefined if another version of the decider made it: then the events are folded. */
export function readSnapshot(text: string): Run | undefined {
  const { version, run } = JSON.parse(text) as { version: number; run: Packed<ActiveRun> | Packed<EndedRun> | null };
  if (version !== runDecider.version) return undefined;
  if (run === null) return ABSENT;
  const contents = run.contents.reduce<ContentIndex>((index, place) => withContent(index, place.hash, place.sequence), NO_CONTENTS);
  if (run.status !== 'active') return { ...run, contents } as EndedRun;
  const transcript = run.transcript?.reduce<Transcript | undefined>((said, entry) => say(said, entry), undefined);
  return { ...run, contents, transcript } as ActiveRun;
}
