import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CloudEvent, type EventPage, type RunView } from '@runledger/contracts';
import { EventClient, type Message } from '../testing/event-client.ts';
import { gatewayUnderTest, type UnderTest } from '../testing/gateway-under-test.ts';

const events = (messages: readonly Message[]): CloudEvent[] => messages.map(({ event }) => event);

async function pageOf({ api }: UnderTest, run: string): Promise<CloudEvent[]> {
  return (await api.ask<EventPage>('GET', `/v1/runs/${run}/events`, { query: { limit: 1000 } })).body.events;
}

describe('a stream of events', () => {
  let under: UnderTest;
  let ended: RunView;
  beforeAll(async () => {
    under = await gatewayUnderTest();
    ended = await under.api.rested({ agent: 'caller', input: 'hello', metadata: { calls: 12 } });
  });
  afterAll(() => under.close());

  it('of a run that has ended gives all of them, and ends', async () => {
    const stream = await EventClient.open(under.api, ended.id);
    expect(events(await stream.rest())).toEqual(await pageOf(under, ended.id));
  });

  it('of a run under way gives them as they come, and ends with the last', async () => {
    const { body } = await under.api.start({ agent: 'caller', input: 'hello', metadata: { calls: 40 } });
    const stream = await EventClient.open(under.api, body.id);
    const followed = events(await stream.rest());
    expect(followed.at(-1)?.type).toBe('runledger.run.RunCompleted');
    expect(followed).toEqual(await pageOf(under, body.id));
  });

  it('stays open while its run waits, and goes on with it', async () => {
    const { id, sequence } = await under.api.rested({ agent: 'talker', input: 'hello' });
    const stream = await EventClient.open(under.api, id);
    for (let n = 1; n <= sequence; n += 1) expect((await stream.next())?.id).toBe(n);
    const next = stream.next();
    expect(await Promise.race([next, sleep(100, 'nothing yet')])).toBe('nothing yet');
    await under.api.ask('POST', `/v1/runs/${id}/input`, { body: { input: 'bye', final: true } });
    expect((await next)?.event.type).toBe('runledger.run.InputReceived');
    expect((await stream.rest()).at(-1)?.event.type).toBe('runledger.run.RunCompleted');
  });

  it('goes on after Last-Event-ID, which wins over ?after', async () => {
    expect((await (await EventClient.open(under.api, ended.id, { last: 5 })).next())?.id).toBe(6);
    expect((await (await EventClient.open(under.api, ended.id, { after: 7 })).next())?.id).toBe(8);
    expect((await (await EventClient.open(under.api, ended.id, { last: 5, after: 7 })).next())?.id).toBe(6);
    expect(await (await EventClient.open(under.api, ended.id, { last: ended.sequence })).rest()).toEqual([]);
    expect(await (await EventClient.open(under.api, ended.id, { last: ended.sequence + 100 })).rest()).toEqual([]);
    for (const last of ['x', '-1', '1.5']) {
      expect(await under.api.problem('GET', `/v1/runs/${ended.id}/events`, { headers: { accept: 'text/event-stream', 'last-event-id': last } })).toMatchObject({ code: 'request/invalid', errors: [{ path: 'header.Last-Event-ID' }] });
    }
  });

  it('brings a client that leaves after every event what one gets that never left', async () => {
    const whole = await pageOf(under, ended.id);
    const gathered: CloudEvent[] = [];
    for (let last: number | undefined; gathered.length < whole.length; ) {
      const stream = await EventClient.open(under.api, ended.id, last === undefined ? {} : { last });
      const message = await stream.next();
      stream.leave();
      if (message === undefined) break;
      gathered.push(message.event);
      last = message.id;
    }
    expect(gathered).toEqual(whole);
  });

  it('brings the same to those who come and go while the run goes on', async () => {
    const { body } = await under.api.start({ agent: 'caller', input: 'hello', metadata: { calls: 30 } });
    const steady = EventClient.open(under.api, body.id).then((stream) => stream.rest());
    const restless = Array.from({ length: 6 }, async (_, k) => {
      const gathered: CloudEvent[] = [];
      for (let last: number | undefined, over = false; !over; ) {
        const stream = await EventClient.open(under.api, body.id, last === undefined ? {} : { last });
        for (let n = 0; n <= k && !over; n += 1) {
          const message = await stream.next();
          over = message === undefined;
          if (message === undefined) break;
          gathered.push(message.event);
          last = message.id;
        }
        stream.leave();
      }
      return gathered;
    });
    const whole = events(await steady);
    expect(whole).toEqual(await pageOf(under, body.id));
    for (const gathered of await Promise.all(restless)) expect(gathered).toEqual(whole);
  });

  it('leaves nothing behind when its client leaves', async () => {
    const { id } = await under.api.rested({ agent: 'talker', input: 'hello' });
    const watch = vi.spyOn(under.runs, 'watch');
    const streams = await Promise.all(Array.from({ length: 20 }, () => EventClient.open(under.api, id)));
    await Promise.all(streams.map((stream) => stream.next()));
    expect(under.gateway.openAnswers).toBe(20);
    for (const stream of streams) stream.leave();
    await vi.waitFor(() => expect(under.gateway.openAnswers).toBe(0));
    expect(watch.mock.results.length).toBeGreaterThanOrEqual(20);
    for (const { value } of watch.mock.results) await (value as ReturnType<UnderTest['runs']['watch']>).changed;
    watch.mockRestore();
  });

  it('leaves nothing behind when it waits behind another on a connection that breaks', async () => {
    const { id } = await under.api.rested({ agent: 'talker', input: 'hello' });
    const { hostname, port } = new URL(under.gateway.url);
    const request = `GET /v1/runs/${id}/events HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${under.api.key}\r\nAccept: text/event-stream\r\n\r\n`;
    const socket = connect(Number(port), hostname, () => socket.write(request.repeat(3)));
    await vi.waitFor(() => expect(under.gateway.openAnswers).toBe(3));
    socket.destroy();
    await vi.waitFor(() => expect(under.gateway.openAnswers).toBe(0));
  });
});

describe('the limits of streams', () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await gatewayUnderTest({ limits: { streamsPerKeyMax: 3, waitsPerKeyMax: 2, heartbeatMs: 30, stalledMs: 400 } });
  });
  afterAll(() => under.close());

  it('are counted per key, and a place is free again as soon as a stream ends', async () => {
    const { id } = await under.api.rested({ agent: 'talker', input: 'hello' });
    const foreign = await under.other.rested({ agent: 'talker', input: 'hello' });
    const streams = await Promise.all([1, 2, 3].map(() => EventClient.open(under.api, id)));
    const accept = { accept: 'text/event-stream' };
    expect(await under.api.problem('GET', `/v1/runs/${id}/events`, { headers: accept })).toMatchObject({ code: 'platform/busy' });
    (await EventClient.open(under.other, foreign.id)).leave();
    streams[0]?.leave();
    await vi.waitFor(async () => (await EventClient.open(under.api, id)).leave(), { timeout: 5_000 });
    for (const stream of streams) stream.leave();
  });

  it('hold for waiting requests too', async () => {
    const { body } = await under.api.start({ agent: 'slow', input: 'hello' });
    const wait = () => under.api.ask<RunView>('GET', `/v1/runs/${body.id}`, { query: { wait: 0.5 } });
    const answers = await Promise.all([wait(), wait(), wait()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 503]);
  });

  it('a stream that has nothing to say shows that it lives', async () => {
    const { id, sequence } = await under.api.rested({ agent: 'talker', input: 'hello' });
    const stream = await EventClient.open(under.api, id, { last: sequence });
    const silence = stream.next();
    await vi.waitFor(() => expect(stream.comments.filter((comment) => comment === 'heartbeat').length).toBeGreaterThan(3));
    stream.leave();
    await expect(silence).rejects.toThrow('aborted');
  });
});

describe('a slow reader', () => {
  let under: UnderTest;
  let run: RunView;
  beforeAll(async () => {
    under = await gatewayUnderTest({ limits: { stalledMs: 1_500 } });
    run = await under.api.rested({ agent: 'caller', input: 'hello', metadata: { calls: 600, bytes: 60_000 } });
  });
  afterAll(() => under.close());

  /** A client that reads only when it is told to. */
  function opened(): Promise<Socket> {
    const { hostname, port } = new URL(under.gateway.url);
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(`GET /v1/runs/${run.id}/events HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${under.api.key}\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n`);
        resolve(socket);
      });
      socket.pause();
    });
  }

  it('gets everything, and until then the run is not read ahead of it', async () => {
    const read = vi.spyOn(under.runs, 'events');
    const socket = await opened();
    await sleep(1_000);
    expect(Math.max(...read.mock.calls.map(([, , after]) => after)), 'events read while nobody takes them').toBeLessThan(run.sequence * 0.8);
    read.mockRestore();
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: run.sequence }, (_, k) => k + 1));
    expect(text.length).toBeGreaterThan(36_000_000);
  });

  it('that takes nothing at all is cut off', async () => {
    const socket = await opened();
    await vi.waitFor(() => expect(under.gateway.openAnswers).toBe(1));
    await vi.waitFor(() => expect(under.gateway.openAnswers).toBe(0), { timeout: 10_000, interval: 100 });
    socket.destroy();
  });
});
