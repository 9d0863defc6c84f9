export type { Figure } from './figures/figure.ts';
export type { Results } from './figures/results.ts';
