/** A platform of one run that keeps the contract over HTTP: what a spec puts into it is what it answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cloudEvent, PROBLEMS, runView, type CloudEvent, type ProblemCode, type RunView } from '@runledger/contracts';
import { AGENT, RUN, view } from './events.ts';

export interface Asked {
  readonly line: string;
  readonly body: unknown;
}

const PAGE = 200;

export class FakePlatform {
  readonly apiKey = 'rl_secret';
  asked: Asked[] = [];
  view: RunView = view();
  events: CloudEvent[] = [];
  /** Whether the last event is the end; a stream stays open until it is. */
  final = true;
  /** Pages of runs, in order. */
  pages: RunView[][] = [[]];
  /** Answered to everything, if set. */
  problem: ProblemCode | undefined;
  readonly #server: Server;
  readonly #streams = new Map<ServerResponse, number>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        this.#answer(request, response, text === '' ? undefined : JSON.parse(text));
      });
    });
  }

  static async open(): Promise<FakePlatform> {
    const platform = new FakePlatform();
    await new Promise<void>((resolve) => platform.#server.listen(0, '127.0.0.1', resolve));
    return platform;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get lines(): string[] {
    return this.asked.map(({ line }) => line);
  }

  get watchers(): number {
    return this.#streams.size;
  }

  reset(): void {
    Object.assign(this, { asked: [], view: view(), events: [], final: true, pages: [[]], problem: undefined });
  }

  /** More events, for those who watch as well. */
  append(events: readonly CloudEvent[], final: boolean): void {
    this.events.push(...events);
    this.final = final;
    for (const [response, after] of this.#streams) this.#stream(response, after);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: unknown): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://platform');
    this.asked.push({ line: `${request.method} ${request.url}`, body });
    if (request.headers.authorization === undefined || request.headers.authorization === 'Bearer') return refuse(response, 'key/missing');
    if (request.headers.authorization !== `Bearer ${this.apiKey}`) return refuse(response, 'key/unknown');
    if (this.problem !== undefined) return refuse(response, this.problem);
    if (pathname === '/v1/agents') return send(response, 200, { agents: [AGENT] });
    if (pathname === '/v1/runs' && request.method === 'GET') return this.#list(response, Number(searchParams.get('cursor') ?? 0));
    if (pathname === '/v1/runs') return this.#accept(response);
    const [, name, verb] = /^\/v1\/runs\/([^/]+)(?:\/(.+))?$/.exec(pathname) ?? [];
    if (name !== RUN && name !== this.view.key) return refuse(response, 'run/unknown');
    if (verb === undefined) return send(response, 200, runView.parse(this.view));
    if (verb !== 'events') return this.#accept(response);
    const after = Number(searchParams.get('after'));
    if (request.headers.accept === 'text/event-stream') return this.#stream(response.writeHead(200, { 'content-type': 'text/event-stream' }), after);
    const events = this.events.slice(after, after + PAGE);
    send(response, 200, { events, final: this.final, ...(after + PAGE < this.events.length && { next: after + PAGE }) });
  }

  #accept(response: ServerResponse): void {
    send(response, 202, { id: RUN, status: this.view.status, sequence: this.view.sequence });
  }

  #list(response: ServerResponse, page: number): void {
    send(response, 200, { runs: (this.pages[page] ?? []).map((run) => runView.parse(run)), current: [{ partition: 0, offset: 9, behind: 3 }], ...(page + 1 < this.pages.length && { next: String(page + 1) }) });
  }

  #stream(response: ServerResponse, after: number): void {
    for (const event of this.events.slice(after)) response.write(`id: ${event.sequence}\ndata: ${JSON.stringify(cloudEvent.parse(event))}\n\n`);
    this.#streams.set(response, this.events.length);
    response.once('close', () => this.#streams.delete(response));
    if (this.final) response.end();
    else response.flushHeaders();
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': status < 300 ? 'application/json' : 'application/problem+json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, code: ProblemCode): void {
  const { status, title } = PROBLEMS[code];
  send(response, status, { type: `urn:runledger:problem:${code}`, title, status, detail: 'A detail.', code });
}
