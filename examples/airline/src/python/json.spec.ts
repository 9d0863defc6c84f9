import { describe, expect, it } from 'vitest';
import { parseJson } from './json-parser.ts';
import { jsonText } from './json-text.ts';
import { PythonException } from './values.ts';

/** A text, and `json.dumps(json.loads(text))` of Python 3.11. */
const rewritten: readonly (readonly [string, string])[] = [
  ['{"b": 1, "a": 1.0}', '{"b": 1, "a": 1.0}'],
  ['{"2": 1, "1": 2, "2": 3}', '{"2": 3, "1": 2}'],
  [
    '[1, -0, -0.0, 250.0, 1E2, 1e400, -1e400, 12345678901234567890123]',
    '[1, 0, -0.0, 250.0, 100.0, Infinity, -Infinity, 12345678901234567890123]',
  ],
  ['[NaN, Infinity, -Infinity]', '[NaN, Infinity, -Infinity]'],
  ['"caf\\u00e9 😀 \\ud83d\\ude00 \\ud83d"', '"caf\\u00e9 \\ud83d\\ude00 \\ud83d\\ude00 \\ud83d"'],
  ['"\\"\\\\\\/\\b\\f\\n\\r\\t\\u007f"', '"\\"\\\\/\\b\\f\\n\\r\\t\\u007f"'],
  [' [ ] ', '[]'],
  ['{"a":{"b":[true,false,null]},"__proto__":{}}', '{"a": {"b": [true, false, null]}, "__proto__": {}}'],
];

/** A text, and what `json.loads` says of it. */
const faulty: readonly (readonly [string, string])[] = [
  ['', 'Expecting value: line 1 column 1 (char 0)'],
  ['{', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
  ['{"a"', "Expecting ':' delimiter: line 1 column 5 (char 4)"],
  ['{"a": ', 'Expecting value: line 1 column 7 (char 6)'],
  ['{"a": 1', "Expecting ',' delimiter: line 1 column 8 (char 7)"],
  ['{"a": 1,}', 'Expecting property name enclosed in double quotes: line 1 column 9 (char 8)'],
  ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
  ['{1: 2}', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
  ['[1,]', 'Expecting value: line 1 column 4 (char 3)'],
  ['[1 2]', "Expecting ',' delimiter: line 1 column 4 (char 3)"],
  ['["', 'Unterminated string starting at: line 1 column 2 (char 1)'],
  ['"a\nb"', 'Invalid control character at: line 1 column 3 (char 2)'],
  ['"\\x"', 'Invalid \\escape: line 1 column 2 (char 1)'],
  ['"\\u12"', 'Invalid \\uXXXX escape: line 1 column 3 (char 2)'],
  ['"\\u0041', 'Invalid \\uXXXX escape: line 1 column 3 (char 2)'],
  ['1 2', 'Extra data: line 1 column 3 (char 2)'],
  ['nul', 'Expecting value: line 1 column 1 (char 0)'],
  ['01', 'Extra data: line 1 column 2 (char 1)'],
  ['\n\n  [1,\n x]', 'Expecting value: line 4 column 2 (char 9)'],
  ['"😀" x', 'Extra data: line 1 column 5 (char 4)'],
  ['\ufeff{}', 'Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'],
];

function faultOf(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof PythonException) return error.message;
    throw error;
  }
  throw new Error(`Python would not have read ${text}.`);
}

describe('JSON as Python reads and writes it', () => {
  it.each(rewritten)('writes %s as %s', (text, expected) => expect(jsonText(parseJson(text))).toBe(expected));
  it.each(faulty)('says of %j: %s', (text, fault) => expect(faultOf(text)).toBe(fault));

  it('does not follow brackets without end, nor read numbers of any length', () => {
    const deep = '['.repeat(100_000);
    expect(faultOf(deep)).toBe('maximum recursion depth exceeded while decoding a JSON array from a unicode string');
    expect(faultOf('9'.repeat(4301))).toContain('Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits');
    expect(jsonText(parseJson('9'.repeat(4300)))).toBe('9'.repeat(4300));
  });
});
