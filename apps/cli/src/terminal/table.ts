/** Rows under headings, as wide as they need to be; the last column takes what is left of the line. */
import type { Terminal } from './terminal.ts';
import { cellsOf, padEnd, shortened } from './text.ts';

const GAP = '  ';

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  readonly cellsMax?: number;
  readonly paint?: (text: string, row: Row) => string;
}

/** Without a row, nothing. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], { columns: width, style }: Pick<Terminal, 'columns' | 'style'>): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => columns.map(({ cell, cellsMax = width }) => shortened(cell(row), cellsMax)));
  const widths = columns.map(({ heading }, column) => Math.max(cellsOf(heading), ...cells.map((line) => cellsOf(line[column] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, cellCount) => sum + cellCount + GAP.length, 0);
  const fitted = (text: string, column: number) => (column === widths.length - 1 ? shortened(text, Math.max(10, width - before)) : padEnd(text, widths[column] ?? 0));
  const head = style.dim(columns.map(({ heading }, column) => fitted(heading, column)).join(GAP));
  return [head, ...cells.map((line, index) => lineOf(columns, rows[index], line.map(fitted)))];
}

function lineOf<Row>(columns: readonly Column<Row>[], row: Row | undefined, cells: readonly string[]): string {
  return cells.map((text, column) => (row === undefined ? text : (columns[column]?.paint?.(text, row) ?? text))).join(GAP).trimEnd();
}
