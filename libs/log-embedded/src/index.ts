/** The log and the inbox in a data directory, on node:sqlite: nothing else to install. */
export { openEmbeddedLog, type EmbeddedLogOptions, type OpenedLog } from './open.ts';
export type { StoreStats } from './store.ts';
export { openEmbeddedRunIndex, type EmbeddedRunIndexOptions } from './run-index.ts';
