/**
 * `json.loads`: keeps what `JSON.parse` loses (whether a number was written as an int or a float, and the order of the
 * keys), accepts what Python accepts (`NaN`, `Infinity`), and explains a fault in Python's words.
 */
import { intDigitsMax, tooManyDigits } from './int-digits.ts';
import { PythonException, type PythonDict, type PythonValue } from './values.ts';

const nestingMax = 990;

const blanks = ' \t\n\r';
const number = /(-?(?:0|[1-9]\d*))(\.\d+)?([eE][-+]?\d+)?/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids raw control characters in a string.
const plainText = /[^"\\\x00-\x1f]*/y;
const hexDigits = /[0-9a-fA-F]{4}/y;
const words: ReadonlyArray<readonly [string, PythonValue]> = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
];
const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

export function parseJson(text: string): PythonValue {
  return new JsonParser(text).document();
}

class JsonParser {
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PythonValue {
    if (this.#text.startsWith('\ufeff')) throw this.#fault('Unexpected UTF-8 BOM (decode using utf-8-sig)');
    this.#skipBlank();
    const value = this.#value();
    this.#skipBlank();
    if (this.#at < this.#text.length) throw this.#fault('Extra data');
    return value;
  }

  #value(): PythonValue {
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === '{') return this.#nested('object', () => this.#object());
    if (first === '[') return this.#nested('array', () => this.#array());
    return this.#number() ?? this.#word();
  }

  #word(): PythonValue {
    const found = words.find(([word]) => this.#text.startsWith(word, this.#at));
    if (found === undefined) throw this.#fault('Expecting value');
    this.#at += found[0].length;
    return found[1];
  }

  #nested<Value>(kind: string, read: () => Value): Value {
    if (this.#nesting >= nestingMax) {
      throw new PythonException('RecursionError', `maximum recursion depth exceeded while decoding a JSON ${kind} from a unicode string`);
    }
    this.#nesting += 1;
    this.#at += 1;
    this.#skipBlank();
    const value = read();
    this.#nesting -= 1;
    return value;
  }

  #object(): PythonDict {
    const object: PythonDict = new Map();
    if (this.#take('}')) return object;
    for (;;) {
      if (this.#text[this.#at] !== '"') throw this.#fault('Expecting property name enclosed in double quotes');
      const key = this.#string();
      this.#skipBlank();
      if (!this.#take(':')) throw this.#fault("Expecting ':' delimiter");
      this.#skipBlank();
      object.set(key, this.#value());
      this.#skipBlank();
      if (this.#take('}')) return object;
      if (!this.#take(',')) throw this.#fault("Expecting ',' delimiter");
      this.#skipBlank();
    }
  }

  #array(): PythonValue[] {
    const array: PythonValue[] = [];
    if (this.#take(']')) return array;
    for (;;) {
      array.push(this.#value());
      this.#skipBlank();
      if (this.#take(']')) return array;
      if (!this.#take(',')) throw this.#fault("Expecting ',' delimiter");
      this.#skipBlank();
    }
  }

  #number(): bigint | number | undefined {
    const match = this.#match(number);
    if (match === null) return undefined;
    const [whole, int = '', fraction, exponent] = match;
    if (fraction !== undefined || exponent !== undefined) return Number(whole);
    const digits = int.replace('-', '').length;
    if (digits > intDigitsMax) throw new PythonException('ValueError', tooManyDigits(digits));
    return BigInt(int);
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    let value = '';
    for (;;) {
      value += this.#match(plainText)?.[0] ?? '';
      const stop = this.#text[this.#at];
      if (stop === undefined) throw this.#fault('Unterminated string starting at', start);
      if (stop !== '"' && stop !== '\\') throw this.#fault('Invalid control character at');
      this.#at += 1;
      if (stop === '"') return value;
      value += this.#escape(start);
    }
  }

  #escape(start: number): string {
    const letter = this.#text[this.#at];
    if (letter === undefined) throw this.#fault('Unterminated string starting at', start);
    if (letter !== 'u') {
      const plain = escapes[letter];
      if (plain === undefined) throw this.#fault('Invalid \\escape', this.#at - 1);
      this.#at += 1;
      return plain;
    }
    const letterAt = this.#at;
    this.#at += 1;
    const digits = this.#match(hexDigits);
    // Python wants to see a character behind the digits as well.
    if (digits === null || this.#at === this.#text.length) throw this.#fault('Invalid \\uXXXX escape', letterAt);
    return String.fromCharCode(Number.parseInt(digits[0], 16));
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipBlank(): void {
    for (let next = this.#text[this.#at]; next !== undefined && blanks.includes(next); next = this.#text[this.#at]) this.#at += 1;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #fault(problem: string, at = this.#at): PythonException {
    // Python counts characters where JavaScript counts UTF-16 units.
    const before = Array.from(this.#text.slice(0, at));
    const lineStart = before.lastIndexOf('\n') + 1;
    const line = before.filter((character) => character === '\n').length + 1;
    const column = before.length - lineStart + 1;
    return new PythonException('JSONDecodeError', `${problem}: line ${line} column ${column} (char ${before.length})`);
  }
}
