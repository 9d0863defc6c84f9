/** The platform's HTTP API as functions. Every method throws `RunledgerError`, or the reason of the signal it was given. */
import type { AgentPolicy, CloudEvent, Metadata, RunAccepted, RunPage, RunStatus, RunView } from '@runledger/contracts';
import { Http, type ConnectOptions, type HttpRequest, type RequestOptions } from './http.ts';
import { eventsOf, type EventsOptions } from './run-events.ts';
import { RunledgerError } from './runledger-error.ts';

export interface StartRun {
  readonly agent: string;
  readonly input: string;
  /** Chosen by the caller; the same id gives the same run, and names it from then on. */
  readonly id?: string;
  /** Instead of `id`: the same key gives the same run. With either of the two, a start is safe to repeat, and is repeated. */
  readonly idempotencyKey?: string;
  readonly metadata?: Metadata;
}

export interface WaitOptions extends RequestOptions {
  /** Seconds until the run is final or waiting, at most 60. The answer is the run as it is then. */
  readonly wait: number;
}

export interface ListRuns {
  readonly status?: RunStatus;
  readonly agent?: string;
  /** RFC 3339. */
  readonly startedAfter?: string;
  readonly startedBefore?: string;
  /** Runs of a page, 1–200. Default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface RunInput {
  readonly input: string;
  /** The same id is taken once; with it, the input is safe to repeat, and is repeated. */
  readonly id?: string;
  /** The last word: recorded, and the run completes without another model call. */
  readonly final?: boolean;
}

/** What became of the effect, by somebody who looked: `output` is what the tool would have answered. */
export type Reconciliation = { readonly applied: true; readonly output: string } | { readonly applied: false; readonly reason: string };

/** A run is named by its id, or by the id chosen at its start. */
export interface Runs {
  start(run: StartRun, options?: RequestOptions): Promise<RunAccepted>;
  start(run: StartRun, options: WaitOptions): Promise<RunView>;
  get(run: string, options?: RequestOptions | WaitOptions): Promise<RunView>;
  /** One page, newest first. */
  list(filters?: ListRuns, options?: RequestOptions): Promise<RunPage>;
  /** This page and all after it. */
  pages(filters?: ListRuns, options?: RequestOptions): AsyncGenerator<RunPage, void, undefined>;
  /** In order, each once. With `follow` across broken connections, until no further event will come. */
  events(run: string, options?: EventsOptions): AsyncGenerator<CloudEvent, void, undefined>;
  input(run: string, input: string | RunInput, options?: RequestOptions): Promise<RunAccepted>;
  input(run: string, input: string | RunInput, options: WaitOptions): Promise<RunView>;
  cancel(run: string, reason?: string, options?: RequestOptions): Promise<RunAccepted>;
  pause(run: string, reason?: string, options?: RequestOptions): Promise<RunAccepted>;
  resume(run: string, options?: RequestOptions): Promise<RunAccepted>;
  reconcileEffect(run: string, step: number, outcome: Reconciliation, options?: RequestOptions): Promise<RunAccepted>;
}

export interface Client {
  readonly runs: Runs;
  readonly agents: { list(options?: RequestOptions): Promise<readonly AgentPolicy[]> };
}

/** Opens nothing yet. Throws `RunledgerError` `request/invalid` if the url is none. */
export function connect(options: ConnectOptions): Client {
  const http = new Http(options);
  return {
    runs: runsOver(http),
    agents: {
      async list({ signal } = {}) {
        return (await http.json<{ agents: AgentPolicy[] }>({ method: 'GET', path: '/v1/agents', repeatable: true, signal })).agents;
      },
    },
  };
}

type Options = RequestOptions & { readonly wait?: number };

function runsOver(http: Http): Runs {
  const list = (filters: ListRuns = {}, { signal }: RequestOptions = {}) =>
    http.json<RunPage>({ method: 'GET', path: '/v1/runs', query: { ...filters }, repeatable: true, signal });
  const get = async (run: string, options: Options = {}) =>
    http.json<RunView>({ method: 'GET', path: pathOf(run), repeatable: true, ...waiting(options) });
  const change = async (run: string, verb: string, body: object, { signal }: RequestOptions = {}) =>
    http.json<RunAccepted>({ method: 'POST', path: `${pathOf(run)}/${verb}`, body, repeatable: false, signal });
  /** `wait` promises the run as it is: where only an acceptance came, it is fetched. */
  const viewed = async (answer: RunAccepted | RunView, { wait, signal }: Options): Promise<RunAccepted | RunView> =>
    wait === undefined || 'tenant' in answer ? answer : get(answer.id, { signal });

  // Typed as the longer answer; the overloads of the interface promise it only where `wait` was given.
  async function start(run: StartRun, options: Options = {}): Promise<RunView> {
    return (await viewed(await http.json<RunAccepted | RunView>(startRequest(run, options)), options)) as RunView;
  }
  async function input(run: string, given: string | RunInput, options: Options = {}): Promise<RunView> {
    const body = typeof given === 'string' ? { input: given } : given;
    const path = `${pathOf(run)}/input`;
    const answer = await http.json<RunAccepted | RunView>({ method: 'POST', path, body, repeatable: body.id !== undefined, ...waiting(options) });
    return (await viewed(answer, options)) as RunView;
  }
  async function* pages(filters: ListRuns = {}, options?: RequestOptions): AsyncGenerator<RunPage, void, undefined> {
    let page = await list(filters, options);
    yield page;
    while (page.next !== undefined) {
      page = await list({ ...filters, cursor: page.next }, options);
      yield page;
    }
  }
  return {
    start,
    get,
    list,
    pages,
    events: (run, options) => eventsOf(http, `${pathOf(run)}/events`, options),
    input,
    cancel: (run, reason, options) => change(run, 'cancel', { reason }, options),
    pause: (run, reason, options) => change(run, 'pause', { reason }, options),
    resume: async (run, { signal } = {}) => http.json({ method: 'POST', path: `${pathOf(run)}/resume`, repeatable: false, signal }),
    reconcileEffect: (run, step, outcome, options) => change(run, `effects/${step}/reconcile`, outcome, options),
  };
}

function startRequest({ idempotencyKey, ...body }: StartRun, options: Options): HttpRequest {
  if (idempotencyKey !== undefined && body.id !== undefined) {
    throw new RunledgerError('request/invalid', 'Found both id and idempotencyKey, expected one of them: either alone says which run is meant.');
  }
  return {
    method: 'POST',
    path: '/v1/runs',
    body,
    repeatable: body.id !== undefined || idempotencyKey !== undefined,
    ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
    ...waiting(options),
  };
}

function waiting({ wait, signal }: Options): Pick<HttpRequest, 'query' | 'waitMs' | 'signal'> {
  return { query: { wait }, waitMs: (wait ?? 0) * 1000, signal };
}

function pathOf(run: string): string {
  // In a URL these are no names but steps to another place, encoded or not.
  if (run === '' || run === '.' || run === '..') throw new RunledgerError('request/invalid', `Found the run ${JSON.stringify(run)}, expected its id, or the id chosen at its start.`);
  return `/v1/runs/${encodeURIComponent(run)}`;
}
