import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Inject, Post, Query, Res } from '@nestjs/common';
import { type ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type LogLine } from '../log/log.ts';
import { JsonBody } from '../requests/json-body.ts';
import { OpenAnswers } from '../requests/open-answers.ts';
import { startHttpServer, type HttpServer } from './http-server.ts';

const ANSWERS = Symbol('OpenAnswers');
const wanted = z.strictObject({ a: z.coerce.number() });
type Wanted = z.infer<typeof wanted>;

@Controller('things')
class ThingsController {
  readonly #answers: OpenAnswers;

  constructor(@Inject(ANSWERS) answers: OpenAnswers) {
    this.#answers = answers;
  }

  @Get()
  get(@Query({ schema: wanted }) query: Wanted) {
    return query;
  }

  @Post()
  make(@JsonBody({ schema: wanted.default({ a: 0 }) }) body: Wanted) {
    return body;
  }

  @Get('slow')
  async slow() {
    await sleep(300);
    return { slow: true };
  }

  @Get('held')
  async held(@Res({ passthrough: true }) response: ServerResponse) {
    const gone = this.#answers.hold(response);
    await new Promise((resolve) => gone.addEventListener('abort', resolve));
    return { held: true };
  }

  @Get('half')
  half(@Res() response: ServerResponse) {
    response.write('half an ans');
    throw new Error('broke in the middle');
  }

  @Get('stuck')
  stuck() {
    return new Promise(() => undefined);
  }
}

async function serving(use: (server: HttpServer, lines: LogLine[]) => Promise<void>): Promise<void> {
  const lines: LogLine[] = [];
  const answers = new OpenAnswers();
  const server = await startHttpServer({ controllers: [ThingsController], providers: [{ provide: ANSWERS, useValue: answers }], guards: [], answers, log: (line) => void lines.push(line), port: 0, host: '127.0.0.1' });
  try {
    await use(server, lines);
  } finally {
    await server.close(500);
  }
}

describe('a server', () => {
  it('starts without a word, and gives handlers what their schemas say', () =>
    serving(async ({ url }, lines) => {
      expect(await (await fetch(`${url}/things?a=7`)).json()).toEqual({ a: 7 });
      expect(await (await fetch(`${url}/things`, { method: 'POST' })).json()).toEqual({ a: 0 });
      expect(await (await fetch(`${url}/things`, { method: 'POST', body: '{"a":3}', headers: { 'content-type': 'application/json' } })).json()).toEqual({ a: 3 });
      expect((await fetch(`${url}/things?b=7`)).status).toBe(400);
      expect(lines).toEqual([]);
    }));

  it('listens on IPv6 too, and says so in its address', async () => {
    const server = await startHttpServer({ controllers: [], providers: [], guards: [], answers: new OpenAnswers(), log: () => undefined, port: 0, host: '::1' });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    expect((await fetch(server.url)).status).toBe(404);
    await server.close();
  });

  it('breaks off an answer that broke in the middle, so that it is not taken for whole', () =>
    serving(async ({ url }, lines) => {
      const response = await fetch(`${url}/things/half`);
      await expect(response.text()).rejects.toThrow();
      expect(lines).toMatchObject([{ level: 'error', code: 'internal/error', message: expect.stringContaining('broke in the middle') as string }]);
    }));

  it('lets answers under way finish, and ends the held ones, before it is closed', () =>
    serving(async (server) => {
      const slow = fetch(`${server.url}/things/slow`).then((response) => response.json());
      const held = fetch(`${server.url}/things/held`).then((response) => response.json());
      await sleep(100);
      await server.close();
      expect(await Promise.all([slow, held])).toEqual([{ slow: true }, { held: true }]);
      await expect(fetch(server.url)).rejects.toThrow();
    }));

  it('cuts off what does not finish within the grace', () =>
    serving(async (server) => {
      const stuck = fetch(`${server.url}/things/stuck`);
      const cut = expect(stuck).rejects.toThrow();
      await sleep(100);
      const startedAt = performance.now();
      await server.close(200);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      await cut;
    }));
});
