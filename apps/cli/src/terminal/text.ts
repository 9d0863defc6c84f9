/**
 * Text in a terminal: how wide it is, shortened, padded, and made harmless. Models and tools say what they like; none of it
 * may move the cursor, recolour the screen or turn the reading direction.
 */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const CONTROLS_BUT_LAYOUT = /(?![\n\t])\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const WIDE = /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\ufe0f/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const CHARACTERS_A_CELL = 16;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The same text, its control characters shown instead of obeyed; line breaks and tabs stay. */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROLS_BUT_LAYOUT, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/** Columns that a text without line breaks takes. */
export function cellsOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let cells = 0;
  for (const { segment } of graphemes.segment(text)) cells += cellsOfGrapheme(segment);
  return cells;
}

function cellsOfGrapheme(grapheme: string): number {
  if (CONTROL.test(grapheme) || NO_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** In one line of at most so many columns; an ellipsis says that there is more. */
export function shortened(text: string, cellsMax: number): string {
  if (cellsMax <= 0) return '';
  // Long texts are not read to their end for the few columns that are shown.
  const most = cellsMax * CHARACTERS_A_CELL;
  const line = visible(text.slice(0, most).replace(/\s+/gu, ' ').trim());
  if (text.length <= most && cellsOf(line) <= cellsMax) return line;
  let kept = '';
  let cells = 0;
  for (const { segment } of graphemes.segment(line)) {
    cells += cellsOfGrapheme(segment);
    if (cells > cellsMax - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

export function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - cellsOf(text)));
}

export function padStart(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - cellsOf(text))) + text;
}
