/** Figures as a table for a terminal, and as Markdown. */
import { verdictOn, type Figure } from './figure.ts';

const HEAD = ['', 'median', 'min–max', 'unit', 'must / goal', ''] as const;

export function textTable(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => (column === 1 || column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()).join('\n');
}

export function markdownTable(figures: readonly Figure[]): string {
  const rows = [HEAD, HEAD.map((_, column) => (column === 1 || column === 2 ? '--:' : '---')), ...figures.map(cellsOf)];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cellsOf(figure: Figure): readonly string[] {
  const { what, unit, median, min, max, repeats, target, disturbed } = figure;
  const asked = target === undefined ? '' : `${target.direction === 'at least' ? '≥' : '≤'} ${numberText(target.must)}${target.goal === undefined ? '' : ` / ${numberText(target.goal)}`}`;
  return [what, numberText(median), repeats > 1 ? `${numberText(min)}–${numberText(max)}` : '', unit, asked, `${verdictOn(figure)}${disturbed === true ? ' (disturbed)' : ''}`.trim()];
}

/** Three digits that count, or whole numbers. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return String(Number(value.toPrecision(3)));
}
