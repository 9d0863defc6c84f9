import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { nestLogger } from './nest-logger.ts';

function logged(isTTY: boolean, json?: boolean) {
  const lines: string[] = [];
  const stream = { isTTY, write: (text: string) => lines.push(text) };
  return { lines, log: json === undefined ? createLog(stream) : createLog(stream, json) };
}

describe('the log', () => {
  it('writes JSON for machines, a line each', () => {
    const { lines, log } = logged(false);
    log({ level: 'warn', code: 'log/full', message: 'two\nlines', facts: { file: 'log.db', offset: 7 } });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ time: expect.stringMatching(/^\d{4}-.*Z$/) as string, level: 'warn', code: 'log/full', message: 'two\nlines', file: 'log.db', offset: 7 });
  });

  it('writes words for a person', () => {
    const { lines, log } = logged(true);
    log({ level: 'info', code: 'partition/open', message: 'Served.', facts: { partition: 0, ids: ['a'] } });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}partition\/open {2}Served\. partition=0 ids=\["a"\]\n$/);
  });

  it('writes what it is told to, whoever reads', () => {
    const { lines, log } = logged(true, true);
    log({ level: 'info', code: 'a/b', message: 'c' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ code: 'a/b' });
  });

  it('leaves out what Nest says of its start, and keeps what it warns of', () => {
    const { lines, log } = logged(false);
    const nest = nestLogger(log);
    nest.log('Nest application successfully started', 'NestApplication');
    nest.warn('Careful', 'Router');
    nest.error(new Error('broken'), undefined, 'Router');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 'warn', code: 'nest/warning', message: 'Careful · Router' }, { level: 'error', code: 'nest/error', message: expect.stringContaining('Error: broken') as string }]);
  });
});
