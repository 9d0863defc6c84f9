export * from './log.ts';
export * from './hash.ts';
export * from './record.ts';
export * from './fence.ts';
export * from './decider.ts';
export * from './position.ts';
export * from './run-index.ts';
export * from './log-checks.ts';
