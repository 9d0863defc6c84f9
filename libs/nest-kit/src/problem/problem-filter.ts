/** The one place where an error becomes an answer, for every route and for what never reached one. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { LogError } from '@runledger/event-sourcing';
import { type Log } from '../log/log.ts';
import { sendJson } from '../requests/send-json.ts';
import { requestIdOf } from '../requests/first-look.ts';
import { type RouteTable } from '../server/route-table.ts';
import { problemBody, ProblemError, problemHeaders } from './problem-error.ts';
import { problemOf } from './problem-of.ts';

/** While the log is away every request fails alike: one line per code and interval says so. */
const FAULT_LOG_EVERY_MS = 5_000;

export class ProblemFilter implements ExceptionFilter {
  readonly #routes: RouteTable;
  readonly #log: Log;
  readonly #loggedAt = new Map<string, number>();

  constructor(routes: RouteTable, log: Log) {
    this.#routes = routes;
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<IncomingMessage>(), http.getResponse<ServerResponse>());
  }

  answer(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed || request.socket.destroyed) return;
    const id = requestIdOf(response);
    const problem = problemOf(error) ?? this.#defect(error, request, id);
    if (problem.cause instanceof LogError) this.#logFault(problem.cause);
    if (response.headersSent) {
      // Half an answer cannot be taken back: the client must see that it is not whole.
      response.destroy();
      return;
    }
    const told = problem.code === 'request/unknown-route' ? this.#unknownRoute(problem, request) : problem;
    const body = problemBody(told, id);
    sendJson(response, body.status, body, { 'Content-Type': 'application/problem+json', ...problemHeaders(told) });
  }

  #defect(error: unknown, request: IncomingMessage, id: string): ProblemError {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log({ level: 'error', code: 'internal/error', message: text, facts: { request: id, method: request.method, path: pathOf(request) } });
    return new ProblemError('internal/error', `Something went wrong here. The operator finds it in the log under request ${id}.`);
  }

  #logFault(error: LogError): void {
    const now = performance.now();
    if (now - (this.#loggedAt.get(error.code) ?? -Infinity) < FAULT_LOG_EVERY_MS) return;
    this.#loggedAt.set(error.code, now);
    this.#log({ level: 'warn', code: error.code, message: `Requests are refused: ${error.message}`, facts: error.where });
  }

  #unknownRoute(problem: ProblemError, request: IncomingMessage): ProblemError {
    const allowed = this.#routes.methodsAt(pathOf(request));
    if (allowed.length === 0) return problem;
    return new ProblemError('request/method', `The route takes ${allowed.join(', ')}; found ${request.method}.`, { headers: { Allow: allowed.join(', ') } });
  }
}

function pathOf(request: IncomingMessage): string {
  // Express cuts `url` as it descends into its routers; what the client sent stands in `originalUrl`.
  const url = (request as { readonly originalUrl?: string }).originalUrl ?? request.url ?? '/';
  return url.split('?', 1)[0] ?? '/';
}
