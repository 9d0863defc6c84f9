import { describe, expect, it } from 'vitest';
import { table } from './table.ts';
import { styleOf, terminalOn, type Sink } from './terminal.ts';

function sink(more: Partial<Sink> = {}): Sink & { readonly written: string[] } {
  const written: string[] = [];
  return { written, write: (text, done) => void (written.push(text), done?.()), ...more };
}

const coloured = (stdout: Sink, env: Record<string, string> = {}) => terminalOn(stdout, sink(), env).style.red('x') !== 'x';

describe('the terminal', () => {
  it('is coloured where people look at it, and only there', () => {
    expect(coloured(sink({ isTTY: true }))).toBe(true);
    expect(coloured(sink())).toBe(false);
    expect(coloured(sink({ isTTY: true }), { NO_COLOR: '1' })).toBe(false);
    expect(coloured(sink({ isTTY: true }), { NO_COLOR: '' })).toBe(true);
    expect(coloured(sink({ isTTY: true }), { TERM: 'dumb' })).toBe(false);
  });

  it('is as wide as it says, else as COLUMNS says, and never too narrow to be of use', () => {
    const width = (stdout: Sink, env: Record<string, string> = {}) => terminalOn(stdout, sink(), env).columns;
    expect([width(sink({ columns: 90 }), { COLUMNS: '70' }), width(sink(), { COLUMNS: '70' }), width(sink(), { COLUMNS: 'x' }), width(sink()), width(sink({ columns: 10 }))]).toEqual([90, 70, 120, 120, 60]);
  });

  it('gives to stdout what was asked for, and to stderr what is said beside it, made harmless', async () => {
    const [stdout, stderr] = [sink(), sink()];
    const terminal = terminalOn(stdout, stderr, {});
    await terminal.print('one\ntwo');
    terminal.tell('no \u001b[2J');
    expect([stdout.written, stderr.written]).toEqual([['one\ntwo\n'], ['no ␛[2J\n']]);
  });

  it('says when nobody reads any more', async () => {
    const stdout = sink({ write: (_text, done) => void done?.(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })) });
    await expect(terminalOn(stdout, sink(), {}).print('one')).rejects.toMatchObject({ code: 'EPIPE' });
  });
});

describe('a table', () => {
  const columns = [{ heading: 'NAME', cell: (row: string[]) => row[0] ?? '', cellsMax: 6 }, { heading: 'N', cell: (row: string[]) => row[1] ?? '' }, { heading: 'TEXT', cell: (row: string[]) => row[2] ?? '' }];
  const look = { columns: 24, style: styleOf(false) };

  it('is as wide as its cells, and its last column takes what is left', () => {
    expect(table(columns, [['a', '1', 'x'], ['日本語日本語', '1000', 'a text too long for the line']], look)).toEqual(['NAME   N     TEXT', 'a      1     x', '日本…  1000  a text too…']);
  });

  it('is nothing without rows', () => {
    expect(table(columns, [], look)).toEqual([]);
  });
});
