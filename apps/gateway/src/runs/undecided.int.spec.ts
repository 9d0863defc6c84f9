import { afterEach, describe, expect, it } from 'vitest';
import { type RunAccepted, type RunView } from '@runledger/contracts';
import { type Log } from '@runledger/event-sourcing';
import { EventClient } from '../testing/event-client.ts';
import { gatewayUnderTest, type UnderTest } from '../testing/gateway-under-test.ts';

/** A log that stops answering, and goes on when it is let. */
class StuckLog {
  #going: Promise<void> = Promise.resolve();
  go: () => void = () => undefined;

  stick(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#going = promise;
    this.go = resolve;
  }

  wrap = (log: Log): Log => {
    const append: Log['append'] = async (requests) => {
      await this.#going;
      return log.append(requests);
    };
    return Object.assign(Object.create(log) as Log, { append });
  };
}

describe('a command that is durable and not decided yet', () => {
  const log = new StuckLog();
  let under: UnderTest | undefined;
  afterEach(async () => {
    log.go();
    await under?.close();
  });

  it('is answered with 202, and its run is never said not to be there', async () => {
    under = await gatewayUnderTest({ log: log.wrap, limits: { decidedMs: 100 } });
    log.stick();
    const { api } = under;
    const started = await api.start({ agent: 'talker', input: 'hello', id: 'early' });
    expect(started).toMatchObject({ status: 202, body: { status: 'running', sequence: 0 } });
    const { id } = started.body;
    for (const reference of [id, 'early']) {
      for (const asked of [{}, { query: { wait: 1 } }]) expect(await api.problem('GET', `/v1/runs/${reference}`, asked)).toMatchObject({ code: 'platform/unavailable' });
      expect(await api.problem('GET', `/v1/runs/${reference}/events`)).toMatchObject({ code: 'platform/unavailable' });
    }
    expect(await under.other.problem('GET', `/v1/runs/${id}`)).toMatchObject({ code: 'run/unknown' });
    const more = await api.ask<RunAccepted>('POST', `/v1/runs/${id}/input`, { body: { input: 'more', final: true } });
    expect(more).toMatchObject({ status: 202, body: { id, status: 'running', sequence: 0 } });

    const waiting = api.ask<RunView>('GET', `/v1/runs/${id}`, { query: { wait: 30 } });
    const stream = EventClient.open(api, 'early');
    log.go();
    expect((await (await stream).rest()).at(-1)?.event.type).toBe('runledger.run.RunCompleted');
    expect((await waiting).body).toMatchObject({ id, status: expect.stringMatching(/waiting|completed/) as string });
    expect((await api.ask<RunView>('GET', `/v1/runs/${id}`)).body).toMatchObject({ status: 'completed', reason: 'input' });
  });

  it('does not make the gateway wait for it when it closes', async () => {
    under = await gatewayUnderTest({ log: log.wrap });
    log.stick();
    const starting = under.api.start({ agent: 'desk', input: 'hello' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedAt = performance.now();
    await under.gateway.close();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect((await starting).status).toBe(202);
  });
});

describe('a run of a partition that is being taken over', () => {
  it('is not said to be unknown before the partition knows', async () => {
    let state = 'opening';
    const under = await gatewayUnderTest({ partitions: () => [0, 1].map((partition) => ({ partition, state, end: 0 })) });
    for (const path of ['/v1/runs/some', '/v1/runs/some/events']) expect(await under.api.problem('GET', path)).toMatchObject({ code: 'platform/unavailable' });
    state = 'open';
    for (const path of ['/v1/runs/some', '/v1/runs/some/events']) expect(await under.api.problem('GET', path)).toMatchObject({ code: 'run/unknown' });
    await under.close();
  });
});
