/** What tests and simulations use. The contract suite is apart in `./log-contract.ts`, since it imports vitest. */
export * from './memory-log.ts';
export * from './faulty-log.ts';
export * from './random.ts';
export * from './memory-run-index.ts';
export { explore, printed, type Counterexample, type Exploration, type ExplorerOptions } from './explorer/explore.ts';
export { INVARIANTS } from './explorer/invariants.ts';
export { ALL_RULES, type Bounds, type Rules } from './explorer/model.ts';
