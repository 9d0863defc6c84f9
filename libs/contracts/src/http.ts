/** The HTTP API, described once: the gateway's routes, the client and the OpenAPI document point at it. */
import { z } from 'zod';
import { agentName, chosenKey } from './ids.ts';
import { inputText, metadata } from './commands.ts';
import { cloudEvent } from './cloud-event.ts';
import { runStatus, runView } from './run-view.ts';
import { agentPolicy } from './agent.ts';

/** A run id, or the id that the caller chose at its start. */
export const runReference = chosenKey;

export const startRunRequest = z.strictObject({
  agent: agentName,
  input: inputText,
  id: chosenKey.optional().describe('Chosen by the caller; the same id gives the same run.'),
  metadata: metadata.optional(),
});
export type StartRunRequest = z.infer<typeof startRunRequest>;

export const runAccepted = z.strictObject({ id: z.string(), status: runStatus, sequence: z.number().int(), duplicate: z.boolean().optional() });
export type RunAccepted = z.infer<typeof runAccepted>;

const count = (max: number) => z.coerce.number().int().min(1).max(max);

/** `wait`: seconds until the run is final or waiting, at most 60; 0 or left out: answer at once. */
export const waitQuery = z.strictObject({ wait: z.coerce.number().min(0).max(60).optional() });

export const listRunsQuery = z.strictObject({
  status: runStatus.optional(),
  agent: agentName.optional(),
  startedAfter: z.iso.datetime().optional(),
  startedBefore: z.iso.datetime().optional(),
  limit: count(200).default(50),
  cursor: z.string().max(500).optional(),
});

/** What a view has read of the log: per partition, the offset of the last record in it. */
export const viewPosition = z.strictObject({ partition: z.number().int(), offset: z.number().int(), behind: z.number().int().describe('Records in the log that the view has not read yet.') });

export const runPage = z.strictObject({ runs: z.array(runView), next: z.string().optional(), current: z.array(viewPosition) });
export type RunPage = z.infer<typeof runPage>;

export const eventsQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0), limit: count(1000).default(200) });
export const eventPage = z.strictObject({ events: z.array(cloudEvent), next: z.number().int().optional().describe('Ask again with `after` set to this.'), final: z.boolean().describe('No further event will come.') });
export type EventPage = z.infer<typeof eventPage>;

export const provideInputRequest = z.strictObject({
  input: inputText,
  id: chosenKey.optional().describe('The same id is taken once.'),
  final: z.boolean().optional().describe('The last word: recorded, and the run completes without another model call.'),
});
export const reasonRequest = z.strictObject({ reason: z.string().max(1000).optional() });
export const reconcileRequest = z.discriminatedUnion('applied', [z.strictObject({ applied: z.literal(true), output: z.string() }), z.strictObject({ applied: z.literal(false), reason: z.string().max(1000) })]);

export const agentView = agentPolicy;
export const agentList = z.strictObject({ agents: z.array(agentView) });

export const health = z.strictObject({ status: z.enum(['up', 'down']) });
export const readiness = z.strictObject({ ready: z.boolean(), parts: z.record(z.string(), z.strictObject({ ready: z.boolean(), detail: z.string().optional() })) });

export interface Route {
  readonly method: 'get' | 'post';
  /** OpenAPI form, `{run}` for parameters. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly public?: true;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly bodyOptional?: true;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType; readonly sse?: true }>>;
  readonly problems: readonly string[];
}

const accepted = { description: 'Durable. The answer tells the state right after it.', schema: runAccepted };
const onRun = ['key/missing', 'key/unknown', 'run/unknown', 'request/invalid', 'platform/unavailable', 'platform/busy'];
const changes = [...onRun, 'run/ended', 'request/not-json', 'request/too-large', 'request/media-type', 'payload/too-large'];

export const ROUTES: readonly Route[] = [
  { method: 'post', path: '/v1/runs', operation: 'startRun', summary: 'Start a run', query: waitQuery, body: startRunRequest, headers: { 'Idempotency-Key': 'The same key gives the same run. Instead of `id` in the body.' }, answers: { 200: { description: 'The key or id stands for this run already, or `wait` was asked for.', schema: runView.or(runAccepted) }, 202: accepted }, problems: [...changes, 'agent/unknown', 'run/key-reused'] },
  { method: 'get', path: '/v1/runs', operation: 'listRuns', summary: 'List runs, newest first', query: listRunsQuery, answers: { 200: { description: 'A page, and up to where the view is current.', schema: runPage } }, problems: ['key/missing', 'key/unknown', 'request/invalid', 'view/unavailable'] },
  { method: 'get', path: '/v1/runs/{run}', operation: 'getRun', summary: 'Get a run', query: waitQuery, answers: { 200: { description: 'The run, as the log has it.', schema: runView } }, problems: onRun },
  { method: 'get', path: '/v1/runs/{run}/events', operation: 'listEvents', summary: 'Events of a run, as JSON, or as a stream with Accept: text/event-stream', query: eventsQuery, headers: { 'Last-Event-ID': 'Where a stream goes on: the sequence of the last event seen.' }, answers: { 200: { description: 'Events in order. In a stream `id` is the sequence; it ends after the last event of a final run.', schema: eventPage, sse: true } }, problems: onRun },
  { method: 'post', path: '/v1/runs/{run}/input', operation: 'provideInput', summary: 'Give a run its next input', query: waitQuery, body: provideInputRequest, answers: { 200: { description: 'With `wait`: the run.', schema: runView.or(runAccepted) }, 202: accepted }, problems: [...changes, 'run/single-turn', 'run/cancelling', 'run/inputs-exceeded'] },
  { method: 'post', path: '/v1/runs/{run}/cancel', operation: 'cancelRun', summary: 'Cancel a run', body: reasonRequest, bodyOptional: true, answers: { 202: accepted }, problems: changes },
  { method: 'post', path: '/v1/runs/{run}/pause', operation: 'pauseRun', summary: 'Begin nothing new in a run until it is resumed', body: reasonRequest, bodyOptional: true, answers: { 202: accepted }, problems: [...changes, 'run/cancelling'] },
  { method: 'post', path: '/v1/runs/{run}/resume', operation: 'resumeRun', summary: 'Go on with a paused run', answers: { 202: accepted }, problems: [...changes, 'run/cancelling', 'run/not-paused'] },
  { method: 'post', path: '/v1/runs/{run}/effects/{step}/reconcile', operation: 'reconcileEffect', summary: 'Say what became of an effect whose outcome is unknown', body: reconcileRequest, answers: { 202: accepted }, problems: [...changes, 'effect/not-unknown'] },
  { method: 'get', path: '/v1/agents', operation: 'listAgents', summary: 'List agents', answers: { 200: { description: 'Every agent that is loaded.', schema: agentList } }, problems: ['key/missing', 'key/unknown'] },
  { method: 'get', path: '/health', operation: 'health', summary: 'Is the process up', public: true, answers: { 200: { description: 'It is.', schema: health } }, problems: [] },
  { method: 'get', path: '/ready', operation: 'readiness', summary: 'Can it take work', public: true, answers: { 200: { description: 'It can.', schema: readiness }, 503: { description: 'It cannot; `parts` says why.', schema: readiness } }, problems: [] },
];
