/** The lines of a timeline: a line for each step, input and turn of events, with what else happened to a step below it. */
import { duration, tokens } from '../terminal/quantities.ts';
import type { Style, Terminal } from '../terminal/terminal.ts';
import { cellsOf, padEnd, padStart, shortened, visible } from '../terminal/text.ts';
import type { Entry, InputEntry, NoteEntry, Step, StepStatus } from './entries.ts';
import { asides, shortText } from './step-text.ts';

const GAP = '  ';
const KIND_CELLS = 5;
const OFFSET_CELLS = 9;
const NAME_CELLS_MAX = 28;
const NAME_SHARE = 0.2;
const TEXT_CELLS_MIN = 12;

export interface Layout {
  readonly columns: number;
  readonly style: Style;
  /** Whole texts below each line. */
  readonly full: boolean;
  readonly stepCells: number;
  readonly nameCells: number;
  readonly statusCells: number;
  readonly latencyCells: number;
  readonly tokenCells: number;
  /** Times are told from here; RFC 3339. */
  readonly startedAt: string;
}

type Look = Pick<Terminal, 'columns' | 'style'> & { readonly full: boolean; readonly startedAt: string };

/** As narrow as these entries allow. */
export function layoutFor(entries: readonly Entry[], look: Look): Layout {
  const steps = entries.filter(isStep);
  const nameCellsMax = Math.min(NAME_CELLS_MAX, Math.floor(look.columns * NAME_SHARE));
  const widest = (cells: number, textOf: (step: Step) => string) => steps.reduce((most, step) => Math.max(most, cellsOf(textOf(step))), cells);
  return {
    ...look,
    stepCells: widest(2, ({ step }) => String(step)),
    nameCells: widest(4, ({ name }) => shortened(name, nameCellsMax)),
    statusCells: widest(2, statusOf),
    latencyCells: widest(4, latencyOf),
    tokenCells: widest(0, tokensOf),
  };
}

/** For entries that are still to come. */
export function liveLayout(look: Look): Layout {
  return { ...look, stepCells: 3, nameCells: 18, statusCells: 6, latencyCells: 6, tokenCells: 9 };
}

export function isStep(entry: Entry): entry is Step {
  return entry.kind === 'model' || entry.kind === 'tool';
}

export function linesOf(entry: Entry, layout: Layout): string[] {
  if (!isStep(entry)) return [momentLine(entry, layout), ...(layout.full && entry.kind === 'input' ? block('input', entry.text, layout) : [])];
  return [stepLine(entry, layout), ...asides(entry).map((text) => asideLine(text, layout)), ...(layout.full ? fullTexts(entry, layout) : [])];
}

export function stepLine(step: Step, layout: Layout): string {
  const { style, stepCells, nameCells, statusCells, latencyCells, tokenCells, columns } = layout;
  const cells: [text: string, paint: (text: string) => string][] = [
    [padStart(String(step.step), stepCells), String],
    [padEnd(step.kind, KIND_CELLS), String],
    [padEnd(shortened(step.name, nameCells), nameCells), style.bold],
    [padEnd(statusOf(step), statusCells), paintOf(step.status, style)],
    [padStart(latencyOf(step), latencyCells), String],
    ...(tokenCells === 0 ? [] : [[padStart(tokensOf(step), tokenCells), style.dim] as [string, (text: string) => string]]),
  ];
  const left = columns - cells.reduce((sum, [text]) => sum + cellsOf(text) + GAP.length, 0);
  const before = cells.map(([text, paint]) => paint(text)).join(GAP);
  return `${before}${GAP}${shortText(step, Math.max(TEXT_CELLS_MIN, left))}`.trimEnd();
}

/** `step` is told where the line does not stand below that of its step. */
export function asideLine(text: string, layout: Layout, step?: number): string {
  const before = `${padStart(step === undefined ? '' : String(step), layout.stepCells)}${GAP}↳ `;
  const shown = layout.full ? visible(text).replace(/\s*\n\s*/g, ' ') : shortened(text, layout.columns - cellsOf(before));
  return before + layout.style.yellow(shown);
}

function momentLine(entry: InputEntry | NoteEntry, { columns, style, stepCells, startedAt }: Layout): string {
  const before = [padEnd('', stepCells), padEnd(entry.kind === 'input' ? 'input' : 'run', KIND_CELLS), padStart(`+${duration(Date.parse(entry.at) - Date.parse(startedAt))}`, OFFSET_CELLS)].join(GAP) + GAP;
  const text = entry.kind === 'input' ? `${entry.final === true ? '(the last) ' : ''}${entry.text}` : entry.what;
  return before + paintMoment(entry, style)(shortened(text, columns - cellsOf(before)));
}

function paintMoment(entry: InputEntry | NoteEntry, style: Style): (text: string) => string {
  if (entry.kind === 'input') return style.cyan;
  return { good: style.green, plain: style.dim, bad: style.red }[entry.tone];
}

function paintOf(status: StepStatus, style: Style): (text: string) => string {
  switch (status) {
    case 'ok':
    case 'applied': return style.green;
    case 'failed':
    case 'denied': return style.red;
    case 'unknown':
    case 'retry':
    case 'lost':
    case 'not applied': return style.yellow;
    case 'open': return style.cyan;
  }
}

function statusOf({ status, attempts }: Step): string {
  return attempts.length > 1 ? `${status} ×${attempts.length}` : status;
}

function latencyOf({ latencyMs }: Step): string {
  return latencyMs === undefined ? '' : duration(latencyMs);
}

function tokensOf(step: Step): string {
  return step.kind === 'model' && step.usage !== undefined ? tokens(step.usage) : '';
}

function fullTexts(step: Step, layout: Layout): string[] {
  if (step.kind === 'tool') {
    const about = [step.effect === undefined || step.effect === 'none' ? '' : `effect ${step.effect}`, step.joins === undefined ? '' : `joins step ${step.joins}`].filter(Boolean).join(', ');
    return [...block('about', about, layout), ...block('arguments', step.arguments, layout), ...block('output', step.output, layout)];
  }
  const calls = (step.calls ?? []).flatMap((call) => block('calls', `${call.tool} ${call.arguments}`, layout));
  return [...block('answered by', step.answeredBy, layout), ...block('says', step.text, layout), ...calls];
}

function block(label: string, text: string | null | undefined, { stepCells, style }: Layout): string[] {
  if (text === undefined || text === null || text === '') return [];
  const margin = ' '.repeat(stepCells + GAP.length);
  return visible(text).split('\n').map((line, index) => `${margin}${style.dim(padEnd(index === 0 ? label : '', 11))}${GAP}${line}`.trimEnd());
}
