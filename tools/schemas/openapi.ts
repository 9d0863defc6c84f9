/** The OpenAPI document, from the routes and problems of the contracts. */
import {
  PROBLEMS, ROUTES, agentList, agentPolicy, chosenKey, cloudEvent, eventPage, failure, health, limits, metadata, modelPolicy, problem, provideInputRequest, readiness, reasonRequest, reconcileRequest, runAccepted, runPage,
  runReference, runStatus, runView, startRunRequest, toolPolicy, usage, viewPosition, type ProblemCode, type Route,
} from '@runledger/contracts';
import { z } from 'zod';
import { DIALECT, NamedSchemas, type JsonSchema, type Side } from './json-schema.ts';

const REQUESTS = { StartRunRequest: startRunRequest, ProvideInputRequest: provideInputRequest, ReasonRequest: reasonRequest, ReconcileRequest: reconcileRequest };
const ANSWERS = {
  AgentList: agentList, AgentPolicy: agentPolicy, CloudEvent: cloudEvent, EventPage: eventPage, Failure: failure, Health: health, Limits: limits, Metadata: metadata, ModelPolicy: modelPolicy, Problem: problem,
  Readiness: readiness, RunAccepted: runAccepted, RunPage: runPage, RunStatus: runStatus, RunView: runView, ToolPolicy: toolPolicy, Usage: usage, ViewPosition: viewPosition,
};

/** What stands in braces in a path. */
const PATH_PARAMETERS: Readonly<Record<string, { readonly description: string; readonly schema: z.ZodType }>> = {
  run: { description: 'The id of a run, or the id or key that was chosen at its start.', schema: runReference },
  step: { description: 'The step of the effect.', schema: z.number().int().positive() },
};
const HEADERS: Readonly<Record<string, z.ZodType>> = { 'Idempotency-Key': chosenKey, 'Last-Event-ID': z.string().regex(/^\d+$/) };

export function openApi(version: string): JsonSchema {
  const named = new NamedSchemas({ ...REQUESTS, ...ANSWERS });
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of ROUTES) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, named) };
  return {
    openapi: '3.1.0',
    info: { title: 'Runledger', version, summary: 'Runs agents as durable, auditable, replayable work.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    jsonSchemaDialect: DIALECT,
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of a tenant.' } },
      schemas: named.definitions((name): Side => (name in REQUESTS ? 'input' : 'output')),
      examples: Object.fromEntries(Object.entries(PROBLEMS).map(([code, { status, title }]) => [exampleName(code), { value: { type: `urn:runledger:problem:${code}`, title, status, detail: `${title}.`, code } }])),
    },
  };
}

function operationOf(route: Route, named: NamedSchemas): JsonSchema {
  const parameters = parametersOf(route, named);
  return {
    operationId: route.operation,
    summary: route.summary,
    ...(route.public && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: route.bodyOptional !== true, content: { 'application/json': { schema: named.reference(route.body, 'input') } } } }),
    responses: { ...answersOf(route, named), ...problemsOf(route) },
  };
}

function parametersOf(route: Route, named: NamedSchemas): readonly JsonSchema[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const parameter = PATH_PARAMETERS[name];
    if (parameter === undefined) throw new Error(`The path ${route.path} has the parameter ${name}, which nobody describes. Add it to PATH_PARAMETERS.`);
    return { name, in: 'path', required: true, description: parameter.description, schema: named.reference(parameter.schema, 'input') };
  });
  const { properties = {}, required = [] } = (route.query === undefined ? {} : named.reference(route.query, 'input')) as { properties?: Readonly<Record<string, JsonSchema>>; required?: readonly string[] };
  const inQuery = Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
  const inHeader = Object.entries(route.headers ?? {}).map(([name, description]) => ({ name, in: 'header', required: false, description, schema: named.reference(HEADERS[name] ?? z.string(), 'input') }));
  return [...inPath, ...inQuery, ...inHeader];
}

function answersOf(route: Route, named: NamedSchemas): JsonSchema {
  return Object.fromEntries(Object.entries(route.answers).map(([status, { description, schema, sse }]) => {
    const json = schema && { 'application/json': { schema: named.reference(schema, 'output') } };
    const stream = sse && { 'text/event-stream': { schema: { type: 'string', description: 'Each `data` is a CloudEvent.' } } };
    return [status, { description, ...(json && { content: { ...json, ...stream } }) }];
  }));
}

/** Problems of one status stand together; their codes tell them apart. */
function problemsOf(route: Route): JsonSchema {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of route.problems as readonly ProblemCode[]) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].sort(([a], [b]) => a - b).map(([status, codes]) => [status, problemAnswer(codes)]));
}

function problemAnswer(codes: readonly ProblemCode[]): JsonSchema {
  const examples = Object.fromEntries(codes.map((code) => [exampleName(code), { $ref: `#/components/examples/${exampleName(code)}` }]));
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join('\n'),
    content: { 'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { enum: codes } } }] }, examples } },
  };
}

const exampleName = (code: string): string => code.replace('/', '.');
