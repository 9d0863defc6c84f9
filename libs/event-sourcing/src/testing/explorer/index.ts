export { explore, printed, type Counterexample, type Exploration, type ExplorerOptions } from './explore.ts';
export { INVARIANTS } from './invariants.ts';
export { ALL_RULES, type Bounds, type Rules } from './model.ts';
