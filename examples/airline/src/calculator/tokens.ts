/**
 * Python's tokens of the characters that the calculator lets through. A fault of the text is a token too: Python reports
 * it when the parser reaches it, and for some errors looks ahead for one.
 */
export type TokenKind = 'number' | '...' | '.' | '+' | '-' | '*' | '/' | '//' | '**' | '(' | ')' | 'end' | 'fault';

export interface Token {
  readonly kind: TokenKind;
  /** Of a number as written, of a fault its message. */
  readonly text: string;
  /** How many parentheses are open behind it. */
  readonly level: number;
}

export const neverClosed = "'(' was never closed";

const nestingMax = 200;
const leadingZeros = 'leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers';
const pattern = / +|\.{3}|\d+(?:\.\d*)?|\.\d+|\*\*|\/\/|[-+*/().]/g;

/** Ends with a token `end` or `fault`. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let level = 0;
  const push = (kind: TokenKind, text: string) => void tokens.push({ kind, text, level });
  for (const [text] of source.matchAll(pattern)) {
    if (text.startsWith(' ')) continue;
    const fault = faultOf(text, level);
    if (fault !== undefined) {
      push('fault', fault);
      return tokens;
    }
    if (text === '(') level += 1;
    if (text === ')') level -= 1;
    push(/\d/.test(text) ? 'number' : (text as TokenKind), text);
  }
  push(level > 0 ? 'fault' : 'end', level > 0 ? neverClosed : '');
  return tokens;
}

function faultOf(text: string, level: number): string | undefined {
  if (text === '(' && level >= nestingMax) return 'too many nested parentheses';
  if (text === ')' && level === 0) return "unmatched ')'";
  return /^0+[1-9]\d*$/.test(text) ? leadingZeros : undefined;
}
