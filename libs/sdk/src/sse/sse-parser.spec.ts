import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseError, SseParser, readSse, type SseMessage } from './sse-parser.ts';

const parse = (...pieces: string[]): SseMessage[] => {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

async function collect(chunks: readonly Uint8Array[]): Promise<SseMessage[]> {
  async function* bytes() {
    yield* chunks;
  }
  const messages: SseMessage[] = [];
  for await (const message of readSse(bytes())) messages.push(message);
  return messages;
}

describe('a stream of server-sent events', () => {
  it('gives each message with its event, its data and the last id', () => {
    expect(parse('id: 7\nevent: RunStarted\ndata: {"a":1}\n\ndata: b\n\n')).toEqual([
      { event: 'RunStarted', data: '{"a":1}', id: '7' },
      { event: 'message', data: 'b', id: '7' },
    ]);
  });

  it('joins several data lines by line feeds, and takes off one space only', () => {
    expect(parse('data:a\ndata:  b\ndata\n\n')).toEqual([{ event: 'message', data: 'a\n b\n', id: '' }]);
  });

  it('takes LF, CRLF and CR for the end of a line, mixed in one stream', () => {
    expect(parse('data: a\r\n\r\ndata: b\r\rdata: c\n\n').map((message) => message.data)).toEqual(['a', 'b', 'c']);
  });

  it('takes CR and LF in two pieces for one end of a line', () => {
    expect(parse('data: a\r', '\ndata: b\r', '', '\n\r', '\n').map((message) => message.data)).toEqual(['a\nb']);
  });

  it('passes over comments, unknown fields, and messages without data', () => {
    expect(parse(': still here\n\nretry: 100\n\nevent: nothing\n\nid: 3\n\ndata: a\n\n')).toEqual([{ event: 'message', data: 'a', id: '3' }]);
  });

  it('does not give a message that the stream breaks off in', () => {
    expect(parse('data: a\n\ndata: b\n')).toEqual([{ event: 'message', data: 'a', id: '' }]);
  });

  it('leaves out a byte order mark', async () => {
    expect(await collect([new Uint8Array([0xef, 0xbb]), new Uint8Array([0xbf]), new TextEncoder().encode('data: a\n\n')])).toEqual([{ event: 'message', data: 'a', id: '' }]);
  });

  it('refuses a message that grows beyond its limit, whatever it consists of', () => {
    const parser = new SseParser({ messageCharactersMax: 100 });
    expect(parser.push(`data: ${'x'.repeat(80)}\n\ndata: ${'x'.repeat(80)}\n\n`)).toHaveLength(2);
    expect(() => Array.from({ length: 200 }, () => parser.push(':'))).toThrow(SseError);
  });

  it('reads the same messages however the bytes are cut', async () => {
    const bytes = new TextEncoder().encode('id: 1\r\nevent: grüße\r\ndata: {"text":"日本 🎉"}\r\ndata: second\r\n\r\n: keep\r\rdata: end\n\n');
    const whole = await collect([bytes]);
    expect(whole.map((message) => message.data)).toEqual(['{"text":"日本 🎉"}\nsecond', 'end']);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, k) => bytes.subarray(places[k], end));
        expect(await collect(chunks)).toEqual(whole);
      }),
    );
    expect(await collect([...bytes].map((byte) => new Uint8Array([byte])))).toEqual(whole);
  });
});
