export * from './run/state.ts';
export * from './run/decide.ts';
export * from './run/view.ts';
export * from './run/snapshot.ts';
export { evolve as evolveRun } from './run/evolve.ts';
export { entriesOf, placeOf, type ContentPlace, type Transcript, type TranscriptEntry } from './run/transcript.ts';
export { canonicalJson } from './run/canonical.ts';
export { type RunCommandEnvelope } from './run/draft.ts';
