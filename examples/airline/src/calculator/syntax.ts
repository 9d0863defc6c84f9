/**
 * Python's grammar for the characters that the calculator lets through, with Python's choice of messages. Like Python it
 * reads twice: the first reading only finds out whether the expression is well formed, the second looks for the mistakes
 * that have a message of their own. A method returns the depth of what it read, or 0 and stays where it was.
 */
import { intDigitsMax, tooManyDigits } from '../python/int-digits.ts';
import { PythonException } from '../python/values.ts';
import type { BinaryOperator, CallForm, Instruction, UnaryOperator } from './program.ts';
import { neverClosed, tokensOf, type Token, type TokenKind } from './tokens.ts';

/** Where Python's compiler gives up, a little earlier or later according to its own stack. */
const depthMax = 2900;
/** Powers in powers recurse here; far more than anybody writes, and well within the stack. */
const powersMax = 1000;

/** A mistake that the parser names, as opposed to a fault of the text. */
class NamedMistake {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function parseExpression(source: string): readonly Instruction[] {
  const text = source.replace(/^ +/, '');
  if (text === '') throw syntaxError('invalid syntax', 0);
  const tokens = tokensOf(text);
  try {
    for (const namesMistakes of [false, true]) {
      const program = new ExpressionParser(tokens, namesMistakes).program();
      if (program !== undefined) return program;
    }
    throw new NamedMistake('invalid syntax');
  } catch (error) {
    if (!(error instanceof NamedMistake)) throw error;
    // A fault further on in the text goes before a mistake of the parser, except for a parenthesis left open.
    const last = tokens.at(-1);
    throw syntaxError(last?.kind === 'fault' && last.text !== neverClosed ? last.text : error.message);
  }
}

class ExpressionParser {
  readonly #tokens: readonly Token[];
  readonly #program: Instruction[] = [];
  #namesMistakes: boolean;
  #at = 0;
  #powers = 0;

  constructor(tokens: readonly Token[], namesMistakes: boolean) {
    this.#tokens = tokens;
    this.#namesMistakes = namesMistakes;
  }

  program(): readonly Instruction[] | undefined {
    return this.#expression() > 0 && this.#next().kind === 'end' ? this.#program : undefined;
  }

  #expression(): number {
    const depth = this.#sum();
    if (depth > 0 && this.#namesMistakes) this.#noticeMissingComma();
    return depth;
  }

  /** Two expressions side by side within parentheses. (What begins with `(` would have been a call, and is none.) */
  #noticeMissingComma(): void {
    if (this.#next().kind === '(') return;
    this.#namesMistakes = false;
    this.#attempt(() => {
      if (this.#sum() > 0 && this.#tokens[this.#at - 1]?.level !== 0) throw new NamedMistake('invalid syntax. Perhaps you forgot a comma?');
      return 0;
    });
    this.#namesMistakes = true;
  }

  #sum(): number {
    return this.#chain(['+', '-'], () => this.#term());
  }

  #term(): number {
    return this.#chain(['*', '/', '//'], () => this.#factor());
  }

  #chain(operators: readonly BinaryOperator[], read: () => number): number {
    let depth = read();
    while (depth > 0) {
      const operator = operators.find((candidate) => candidate === this.#next().kind);
      if (operator === undefined) break;
      const right = this.#attempt(() => this.#take(operator) && read());
      if (right === 0) break;
      depth = this.#emit({ type: 'binary', operator }, Math.max(depth, right));
    }
    return depth;
  }

  #factor(): number {
    return this.#attempt(() => {
      const signs: UnaryOperator[] = [];
      for (let kind = this.#next().kind; kind === '+' || kind === '-'; kind = this.#next().kind) {
        signs.push(kind);
        this.#take(kind);
      }
      const depth = this.#power();
      return depth && signs.reduceRight((inner, operator) => this.#emit({ type: 'unary', operator }, inner), depth);
    });
  }

  #power(): number {
    const base = this.#primary();
    if (base === 0 || this.#next().kind !== '**') return base;
    if (this.#powers >= powersMax) throw tooDeep();
    this.#powers += 1;
    const exponent = this.#attempt(() => this.#take('**') && this.#factor());
    this.#powers -= 1;
    return exponent === 0 ? base : this.#emit({ type: 'binary', operator: '**' }, Math.max(base, exponent));
  }

  #primary(): number {
    let depth = this.#atom();
    while (depth > 0 && this.#next().kind === '(') {
      const call = this.#attempt(() => this.#call(depth));
      if (call === 0) break;
      depth = call;
    }
    // An attribute would have a name here. There is none, but Python looks, and finds what is wrong with the text.
    if (depth > 0 && this.#next().kind === '.') this.#next(1);
    return depth;
  }

  #call(callee: number): number {
    this.#take('(');
    if (this.#take(')')) return this.#emit({ type: 'call', form: 'empty' }, callee);
    const form: CallForm = this.#take('*') ? 'iterable' : this.#take('**') ? 'mapping' : 'single';
    const argument = this.#expression();
    return argument > 0 && this.#take(')') ? this.#emit({ type: 'call', form }, Math.max(callee, argument)) : 0;
  }

  #atom(): number {
    const token = this.#next();
    switch (token.kind) {
      case 'number':
        this.#take('number');
        return this.#emit({ type: 'push', operand: numberOf(token.text) }, 0);
      case '...':
        this.#take('...');
        return this.#emit({ type: 'push', operand: 'ellipsis' }, 0);
      case '(':
        return this.#attempt(() => this.#parenthesis());
      default:
        return 0;
    }
  }

  #parenthesis(): number {
    this.#take('(');
    if (this.#take(')')) return this.#emit({ type: 'push', operand: 'tuple' }, 0);
    if (this.#take('*')) return this.#starred('cannot use starred expression here');
    if (this.#next().kind === '**') {
      if (this.#namesMistakes && this.#take('**')) this.#starred('cannot use double starred expression here');
      return 0;
    }
    const inner = this.#expression();
    return inner > 0 && this.#take(')') ? inner : 0;
  }

  /** Never well formed; read all the same, because what stands in it decides about the message. */
  #starred(mistake: string): 0 {
    const inner = this.#expression();
    if (this.#namesMistakes && inner > 0 && this.#take(')')) throw new NamedMistake(mistake);
    return 0;
  }

  #attempt(read: () => number | false): number {
    const [at, length] = [this.#at, this.#program.length];
    const depth = read() || 0;
    if (depth === 0) {
      this.#at = at;
      this.#program.length = length;
    }
    return depth;
  }

  #emit(instruction: Instruction, innerDepth: number): number {
    if (innerDepth >= depthMax) throw tooDeep();
    this.#program.push(instruction);
    return innerDepth + 1;
  }

  #take(kind: TokenKind): boolean {
    if (this.#next().kind !== kind) return false;
    this.#at += 1;
    return true;
  }

  #next(ahead = 0): Token {
    const token = this.#tokens[this.#at + ahead];
    if (token === undefined) throw new Error('The parser read past the end of its tokens.');
    if (token.kind === 'fault') throw syntaxError(token.text);
    return token;
  }
}

function numberOf(text: string): bigint | number {
  if (text.includes('.')) return Number(text);
  if (text.length <= intDigitsMax) return BigInt(text);
  const advice = 'Consider hexadecimal for huge integer literals to avoid decimal conversion limits.';
  throw new NamedMistake(`${tooManyDigits(text.length)} - ${advice}`);
}

function syntaxError(message: string, line = 1): PythonException {
  return new PythonException('SyntaxError', `${message} (<string>, line ${line})`);
}

function tooDeep(): PythonException {
  return new PythonException('RecursionError', 'maximum recursion depth exceeded during compilation');
}
