/** The real dependency is HTTP over the loopback interface. The gateway here keeps the contract, and breaks every connection. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from './connect.ts';
import type { EventsOptions } from './run-events.ts';

const EVENTS = 12;
const PAGE = 5;
const event = (sequence: number) => ({ specversion: '1.0', sequence, type: 'runledger.run.Any', data: { text: 'grüße 🎉' } });
const sse = (sequence: number) => Buffer.from(`id: ${sequence}\nevent: runledger.run.Any\ndata: ${JSON.stringify(event(sequence))}\n\n`);

/** What the stream does with the n-th connection, from 1, beginning after `after`. */
type Stream = (response: ServerResponse, after: number, connection: number) => void;
let server: Server;
let url = '';
let stream: Stream;
let connections: number[] = [];
/** Events that exist, and whether the last of them is the end. */
let written = EVENTS;
let final = true;

beforeAll(async () => {
  server = createServer((request, response) => {
    const asked = new URL(request.url ?? '', 'http://gateway');
    const after = Number(asked.searchParams.get('after'));
    if (request.headers.accept !== 'text/event-stream') {
      const events = Array.from({ length: written }, (_, k) => event(k + 1)).slice(after, after + PAGE);
      const more = after + PAGE < written;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ events, final, ...(more && { next: after + PAGE }) }));
      return;
    }
    expect(request.headers['last-event-id']).toBe(String(after));
    connections.push(after);
    stream(response, after, connections.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  connections = [];
  written = EVENTS;
  final = true;
});

const head = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
const all = Array.from({ length: EVENTS }, (_, k) => k + 1);

async function read(options: EventsOptions): Promise<number[]> {
  const seen: number[] = [];
  for await (const { sequence } of connect({ url, apiKey: 'k' }).runs.events('r', options)) seen.push(sequence);
  return seen;
}

describe('the events of a run', () => {
  it('are read page by page up to now', async () => {
    final = false;
    expect(await read({})).toEqual(all);
    expect(await read({ after: 9 })).toEqual([10, 11, 12]);
    expect(await read({ after: 12 })).toEqual([]);
  });

  it('are followed until the platform says that the run is final', async () => {
    stream = (response, after) => {
      head(response).write(': hello\n\n');
      for (const sequence of all.slice(after)) response.write(sse(sequence));
      response.end();
    };
    expect(await read({ follow: true })).toEqual(all);
    expect(await read({ follow: true, after: 10 })).toEqual([11, 12]);
    expect(connections).toEqual([0, 10]);
  });

  it('come each once, though every connection breaks after one event and a piece of the next', async () => {
    stream = (response, after) => {
      head(response);
      if (after >= EVENTS) return void response.end();
      response.write(Buffer.concat([sse(after + 1), sse(after + 2).subarray(0, 60)]), () => response.destroy());
    };
    expect(await read({ follow: true })).toEqual(all);
    expect(connections).toEqual([0, ...all]);
  });

  it('come each once, though the stream begins too early or leaves one out', async () => {
    stream = (response, after, connection) => {
      head(response);
      const from = connection === 1 ? [1, 2, 4] : [after - 1, after, ...all.slice(after)];
      for (const sequence of from) response.write(sse(sequence));
      response.end();
    };
    expect(await read({ follow: true })).toEqual(all);
    expect(connections).toEqual([0, 2]);
  });

  it('are given up where one is missing every time', async () => {
    stream = (response) => {
      head(response).write(sse(2));
      response.end();
    };
    await expect(read({ follow: true })).rejects.toMatchObject({ code: 'response/unexpected', message: expect.stringContaining('found event 2 after 0, 3 times') });
  });

  it('go on where a stream ends and the run does not', async () => {
    written = 4;
    final = false;
    stream = (response, after, connection) => {
      head(response);
      for (const sequence of all.slice(after, written)) response.write(sse(sequence));
      response.end();
      if (connection === 2) [written, final] = [EVENTS, true];
    };
    expect(await read({ follow: true })).toEqual(all);
  });

  it('go on where a connection is silent for too long', async () => {
    stream = (response, after, connection) => {
      if (connection === 1) return head(response).flushHeaders();
      head(response).write(sse(after + 1));
      if (connection === 2) return;
      for (const sequence of all.slice(after + 1)) response.write(sse(sequence));
      response.end();
    };
    expect(await read({ follow: true, idleMs: 50 })).toEqual(all);
  });

  it('go on after a platform that was away, and give up on one that stays away', async () => {
    stream = (response, after, connection) => {
      if (connection < 3) return void response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
      head(response);
      for (const sequence of all.slice(after)) response.write(sse(sequence));
      response.end();
    };
    expect(await read({ follow: true })).toEqual(all);
    stream = (response) => void response.destroy();
    await expect(read({ follow: true, openingsMax: 3 })).rejects.toMatchObject({ code: 'platform/unreachable' });
  });

  it('are refused at once where asking again cannot help', async () => {
    stream = (response) => void response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 't', title: 'x', status: 404, detail: 'y', code: 'run/unknown' }));
    await expect(read({ follow: true })).rejects.toMatchObject({ code: 'run/unknown' });
    stream = (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>');
    await expect(read({ follow: true })).rejects.toMatchObject({ code: 'response/unexpected' });
    expect(connections).toEqual([0, 0]);
  });

  it('stop when the caller leaves, and the connection is closed', async () => {
    const closed = new Promise<void>((resolve) => {
      stream = (response) => {
        head(response).write(sse(1));
        response.on('close', resolve);
      };
    });
    for await (const { sequence } of connect({ url, apiKey: 'k' }).runs.events('r', { follow: true })) {
      expect(sequence).toBe(1);
      break;
    }
    await closed;
    const leaving = new AbortController();
    const reason = new Error('The page was left.');
    stream = (response) => {
      head(response).write(sse(1));
      setTimeout(() => leaving.abort(reason), 20);
    };
    await expect(read({ follow: true, signal: leaving.signal })).rejects.toBe(reason);
  });
});
