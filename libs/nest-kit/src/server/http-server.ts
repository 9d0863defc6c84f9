/** Starts a Nest application over HTTP with the settings that all services share, and stops it without cutting anybody off. */
import 'reflect-metadata';
import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type CanActivate, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { type Log } from '../log/log.ts';
import { nestLogger } from '../log/nest-logger.ts';
import { ProblemFilter } from '../problem/problem-filter.ts';
import { firstLook } from '../requests/first-look.ts';
import { type OpenAnswers } from '../requests/open-answers.ts';
import { SchemaPipe } from '../requests/schema-pipe.ts';
import { answerClientErrors } from './client-errors.ts';
import { RouteTable, type ServedRoute } from './route-table.ts';

export interface HttpServerOptions {
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
  readonly guards: readonly CanActivate[];
  /** Ended when the server closes. */
  readonly answers: OpenAnswers;
  readonly log: Log;
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  readonly routes: readonly ServedRoute[];
  /** Takes no more connections, ends what is open, and resolves once all answers are out or `graceMs` have passed. */
  close(graceMs?: number): Promise<void>;
}

const TIMEOUTS = { headersMs: 10_000, requestMs: 30_000, keepAliveMs: 65_000 };
const GRACE_MS = 5_000;
const IDLE_POLL_MS = 20;

class ServerModule {}

/** Throws what `listen` throws: `EADDRINUSE` if the port is taken. */
export async function startHttpServer({ controllers, providers, guards, answers, log, port, host }: HttpServerOptions): Promise<HttpServer> {
  const module = { module: ServerModule, controllers: [...controllers], providers: [...providers] };
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: nestLogger(log), bodyParser: false, abortOnError: false });
  let closing = false;
  const table = new RouteTable();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(firstLook(() => closing));
  app.useGlobalFilters(new ProblemFilter(table, log));
  app.useGlobalPipes(new SchemaPipe());
  app.useGlobalGuards(...guards);
  await app.init();
  table.read((app.getHttpAdapter().getInstance() as unknown as { router: Parameters<RouteTable['read']>[0] }).router);

  const server = app.getHttpServer();
  configure(server);
  try {
    await listen(server, port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  const close = async (graceMs: number): Promise<void> => {
    closing = true;
    answers.endAll();
    await stop(server, graceMs);
    await app.close();
  };
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    routes: table.routes,
    close: (graceMs = GRACE_MS) => (closed ??= close(graceMs)),
  };
}

function configure(server: Server): void {
  server.headersTimeout = TIMEOUTS.headersMs;
  server.requestTimeout = TIMEOUTS.requestMs;
  server.keepAliveTimeout = TIMEOUTS.keepAliveMs;
  answerClientErrors(server);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, () => {
    server.off('error', reject);
    resolve();
  });
  return promise;
}

/** Connections that fall idle are closed at once; those still at work after the grace are cut. */
async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_POLL_MS);
  const grace = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
}
