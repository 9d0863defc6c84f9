import { type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { traceOf } from './first-look.ts';

describe('the trace of a request', () => {
  const of = (traceparent: string) => traceOf({ headers: { traceparent } } as unknown as IncomingMessage);
  const ids = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';

  it('is its traceparent', () => {
    expect(of(`00-${ids}-01`)).toBe(`00-${ids}-01`);
    expect(of(`cc-${ids}-00`)).toBe(`cc-${ids}-00`);
  });

  it('is none if that is not valid', () => {
    for (const text of ['', `ff-${ids}-01`, `00-${ids}`, `00-${ids.toUpperCase()}-01`, `00-${ids}-01-more`, `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`]) expect(of(text), text).toBeUndefined();
    expect(traceOf({ headers: {} } as IncomingMessage)).toBeUndefined();
  });
});
