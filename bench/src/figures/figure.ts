/** One measured figure, and what was asked of it. */
import { median } from './statistics.ts';

export interface Target {
  readonly direction: 'at least' | 'at most';
  readonly must: number;
  readonly goal?: number;
}

export interface Figure {
  /** Stable, for programs: `steps/per-second`. */
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  /** Of the repeats that count. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly repeats: number;
  readonly target?: Target;
  /** There was no repeat without disturbance, so these are of disturbed ones. */
  readonly disturbed?: true;
}

export type Verdict = 'goal met' | 'must met' | 'MISSED' | '';

export const atLeast = (must: number, goal?: number): Target => ({ direction: 'at least', must, ...(goal === undefined ? {} : { goal }) });
export const atMost = (must: number, goal?: number): Target => ({ direction: 'at most', must, ...(goal === undefined ? {} : { goal }) });

export interface FigureInput {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  /** One per repeat. */
  readonly values: number | readonly number[];
  readonly target?: Target | undefined;
  readonly disturbed?: boolean | undefined;
}

export function figureOf({ id, what, unit, values, target, disturbed }: FigureInput): Figure {
  const all = typeof values === 'number' ? [values] : values;
  return {
    id, what, unit, median: median(all), min: Math.min(...all), max: Math.max(...all), repeats: all.length,
    ...(target === undefined ? {} : { target }), ...(disturbed === true ? { disturbed } : {}),
  };
}

export function verdictOn({ median: value, target }: Figure): Verdict {
  if (target === undefined) return '';
  const { direction, must, goal } = target;
  const keeps = (limit: number): boolean => (direction === 'at least' ? value >= limit : value <= limit);
  if (!keeps(must)) return 'MISSED';
  return goal !== undefined && keeps(goal) ? 'goal met' : 'must met';
}
