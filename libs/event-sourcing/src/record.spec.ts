import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAIN_START, HASH_LENGTH, type Hash } from './hash.ts';
import { LogError } from './log.ts';
import {
  INBOX_ADVANCED_SCHEMA, TRANSITION_SCHEMA, WRITER_STARTED_SCHEMA, decodeRecord, encodeControl, encodeTransition, sliceTransition, verifyTransition, type EventDraft, type InboxAdvanced, type TransitionHeader,
  type WriterStarted,
} from './record.ts';

const hash: Hash = (text) => createHash('sha256').update(text).digest('base64url');
const header: TransitionHeader = { tenant: 'acme', run: 'run_0_x', writer: 'w1', n: 7, inboxPosition: { id: 'inbox-1', offset: 41 }, cause: 'command-1', trace: '00-t', actor: 'user:ann', agent: 'desk', time: 1_768_467_600_000 };
const eventOf = (sequence: number, data: unknown): EventDraft => ({ id: `e${sequence}`, sequence, type: 'Said', version: 1, data });
const three = [eventOf(1, { text: 'a' }), eventOf(2, {}), eventOf(3, { text: 'c', n: [1, 2.5, null] })];
const { body, head, hashes } = encodeTransition(header, three, CHAIN_START, hash);

/** What a check of the text finds: nothing, or the fault and the event it names. */
function faultOf(text: string): { readonly code: string; readonly event: unknown } | undefined {
  try {
    verifyTransition(text, CHAIN_START, hash);
    return undefined;
  } catch (error) {
    if (error instanceof LogError) return { code: error.code, event: error.where['event'] };
    throw error;
  }
}

describe('a transition', () => {
  it('is one JSON text, with a line for its header and for each event', () => {
    expect(JSON.parse(body)).toEqual({ schema: TRANSITION_SCHEMA, ...header, events: three.map((event, k) => ({ hash: hashes[k], ...event })) });
    expect(body.split('\n')).toHaveLength(three.length + 2);
    expect(decodeRecord(body)).toEqual(JSON.parse(body));
  });

  it('is written today as it was written before: released bytes do not change', () => {
    expect(body).toBe([
      '{"schema":"runledger.transition.v1","tenant":"acme","run":"run_0_x","writer":"w1","n":7,"inboxPosition":{"id":"inbox-1","offset":41},"cause":"command-1","trace":"00-t","actor":"user:ann","agent":"desk","time":1768467600000,"events":[',
      `{"hash":"${hashes[0]}","id":"e1","sequence":1,"type":"Said","version":1,"data":{"text":"a"}},`,
      `{"hash":"${hashes[1]}","id":"e2","sequence":2,"type":"Said","version":1,"data":{}},`,
      `{"hash":"${hashes[2]}","id":"e3","sequence":3,"type":"Said","version":1,"data":{"text":"c","n":[1,2.5,null]}}`,
      ']}',
    ].join('\n'));
    expect(head).toBe('HkAre82i6V0MQuySfzsB27lSSL0VSd_LvpT5_r5QGBo');
  });

  it('is cut into the very texts that were hashed', () => {
    const texts = sliceTransition(body);
    expect(texts.header).toBe(body.split('\n')[0]);
    expect(texts.events.map((text) => JSON.parse(text) as unknown)).toEqual(three.map((event, k) => ({ hash: hashes[k], ...event })));
  });

  it('has a hash of 43 characters for each event, the last of which is the head of the run', () => {
    expect(hashes.map((each) => each.length)).toEqual([HASH_LENGTH, HASH_LENGTH, HASH_LENGTH]);
    expect(head).toBe(hashes[2]);
    expect(verifyTransition(body, CHAIN_START, hash)).toBe(head);
  });

  it('without events is not written: nothing has happened', () => {
    expect(() => encodeTransition(header, [], CHAIN_START, hash)).toThrow(expect.objectContaining({ code: 'log/misuse' }));
  });

  it('is read back with whatever strings it was given', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\n', '\r', '\u2028', '\u2029', '\ud800', '\udc00', '"', '\\', ',\n{"hash":"', '\n]}', '😀', '\u0000') }));
    const data = fc.letrec((tie) => ({ any: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('any')), fc.dictionary(text, tie('any'))) })).any;
    fc.assert(fc.property(fc.array(data, { minLength: 1, maxLength: 3, size: 'small' }), text, (contents, actor) => {
      const events = contents.map((content, k) => eventOf(k + 1, { content }));
      const written = encodeTransition({ ...header, actor }, events, CHAIN_START, hash);
      const read = Buffer.from(written.body, 'utf8').toString('utf8');
      expect(read).toBe(written.body);
      expect(read.split('\n')).toHaveLength(events.length + 2);
      expect(decodeRecord(read)).toEqual(JSON.parse(JSON.stringify({ schema: TRANSITION_SCHEMA, ...header, actor, events: events.map((event, k) => ({ hash: written.hashes[k], ...event })) })));
      expect(verifyTransition(read, CHAIN_START, hash)).toBe(written.head);
    }), { seed: 1, numRuns: 100 });
  });
});

describe('the chain', () => {
  it('goes on from the run’s head', () => {
    const next = encodeTransition({ ...header, n: 8 }, [eventOf(4, {})], head, hash);
    expect(verifyTransition(next.body, head, hash)).toBe(next.head);
    expect(() => verifyTransition(next.body, CHAIN_START, hash)).toThrow(expect.objectContaining({ code: 'log/corrupt', where: { event: 1 } }));
  });

  const lineAt = (at: number): number => body.slice(0, at).split('\n').length - 1;

  it('locates every changed character: in the header at the first event, in an event at that event', () => {
    for (let at = 0; at < body.length; at++) {
      for (const other of ['x', '"', ',', '{']) {
        if (other === body[at]) continue;
        const line = lineAt(at);
        const fault = faultOf(body.slice(0, at) + other + body.slice(at + 1));
        expect(fault?.code, `character ${at} as ${JSON.stringify(other)}`).toBe('log/corrupt');
        if (line <= three.length && body[at] !== '\n') expect(fault?.event, `character ${at} as ${JSON.stringify(other)}`).toBe(Math.max(1, line));
      }
    }
  });

  it('notices every character that is missing, doubled, or a line break', () => {
    for (let at = 0; at < body.length; at++) {
      expect(faultOf(body.slice(0, at) + body.slice(at + 1))?.code, `without character ${at}`).toBe('log/corrupt');
      expect(faultOf(body.slice(0, at) + body.slice(at, at + 1) + body.slice(at))?.code, `character ${at} twice`).toBe('log/corrupt');
      if (body[at] !== '\n') expect(faultOf(body.slice(0, at) + '\n' + body.slice(at + 1))?.code, `a break at ${at}`).toBe('log/corrupt');
    }
  });

  it('notices events that are missing, doubled, or in another order', () => {
    const [first = '', a = '', b = '', c = '', last = ''] = body.split('\n');
    for (const lines of [[first, b, c, last], [first, a, c, last], [first, a, a, b, c, last], [first, b, a, c, last]]) expect(faultOf(lines.join('\n'))?.code).toBe('log/corrupt');
  });

  it('does not take the beginning of an event for the end of the header', () => {
    const one = encodeTransition(header, [eventOf(1, { a: {} })], CHAIN_START, hash);
    const [first = '', line = ''] = one.body.split('\n');
    const event = '{' + line.slice(`{"hash":"${one.head}",`.length);
    const cut = event.indexOf('{"a"');
    const shifted = [first + event.slice(0, cut), `{"hash":"${one.head}",${event.slice(cut + 1)}`, ']}'].join('\n');
    expect(() => JSON.parse(shifted) as unknown).not.toThrow();
    expect(faultOf(shifted)?.code).toBe('log/corrupt');
  });

  it('says where the fault lies', () => {
    const at = body.indexOf('"c"');
    const changed = body.slice(0, at + 1) + 'd' + body.slice(at + 2);
    expect(() => verifyTransition(changed, CHAIN_START, hash, { partition: 3, offset: 12 })).toThrow(/Event 3 of the transition at partition 3, offset 12 does not fit the hash chain/);
  });
});

describe('other records', () => {
  const claim: WriterStarted = { schema: WRITER_STARTED_SCHEMA, writer: 'w2', follows: 'w1', time: 1 };
  const advanced: InboxAdvanced = { schema: INBOX_ADVANCED_SCHEMA, writer: 'w2', n: 1, inboxPosition: { id: 'inbox-1', offset: 9 }, time: 2 };

  it('are read back as they were written', () => {
    expect(decodeRecord(encodeControl(claim))).toEqual(claim);
    expect(decodeRecord(encodeControl(advanced))).toEqual(advanced);
  });

  it.each([['{', 'log/corrupt'], ['', 'log/corrupt'], ['null', 'log/newer-version'], ['[]', 'log/newer-version'], ['{"schema":"runledger.transition.v2"}', 'log/newer-version'], ['"runledger.transition.v1"', 'log/newer-version']])(
    'like %s are refused with %s',
    (text, code) => {
      expect(() => decodeRecord(text, { partition: 0, offset: 5 })).toThrow(expect.objectContaining({ code, where: { partition: 0, offset: 5 } }));
    },
  );
});
