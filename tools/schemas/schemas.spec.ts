/** What is checked in under schemas/ fits what is written and read: examples, histories, answers. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { EVENT_SCHEMAS, EVENT_TYPES, EVENT_VERSIONS, PROBLEMS, ROUTES, clientCommand, type ProblemCode } from '@runledger/contracts';
import { evolveRun, type Run } from '@runledger/domain';
import { foldTransitions, readHistories } from '../../libs/domain/src/testing/histories.ts';
import { commandExamples, eventExamples } from './examples.ts';
import type { JsonSchema } from './json-schema.ts';
import { eventId, messageSchemas } from './messages.ts';

interface Validate {
  (value: unknown): boolean;
  readonly errors?: unknown;
}
interface Ajv {
  compile(schema: JsonSchema): Validate;
  addSchema(schema: JsonSchema, id?: string): Ajv;
  getSchema(id: string): Validate | undefined;
}

// At the root, eslint has an older ajv; the one that knows JSON Schema 2020-12 is the worker's.
const { Ajv2020 } = createRequire(new URL('../../apps/worker/package.json', import.meta.url))('ajv/dist/2020.js') as { Ajv2020: new (options: object) => Ajv };

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../schemas/${path}`, import.meta.url), 'utf8')) as unknown;
/** Unknown keywords are faults; formats stand beside patterns that say the same. */
const STRICT = { strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true, validateFormats: false };
const ajv = new Ajv2020({ ...STRICT, allErrors: true });
for (const path of messageSchemas().keys()) ajv.addSchema(read(path) as JsonSchema);

function validate(id: string, value: unknown): unknown {
  const check = ajv.getSchema(id);
  if (check === undefined) throw new Error(`There is no schema ${id}.`);
  return check(value) ? 'valid' : check.errors;
}

describe.each(EVENT_TYPES)('the event %s', (type) => {
  const examples = eventExamples().get(type) ?? [];
  const written = read(`events/${type}.v${EVENT_VERSIONS[type]}.examples.json`) as unknown[];

  it('has examples, which fit its schema and its contract', () => {
    expect(written.length).toBeGreaterThan(0);
    for (const example of written) {
      expect(validate(eventId(type), example)).toBe('valid');
      expect(EVENT_SCHEMAS[type].parse(example)).toEqual(example);
    }
  });

  it('folds in each of its examples, at its place in a history', () => {
    expect(written).toEqual(examples.map(({ event }) => event.data));
    for (const { until } of examples) {
      const run = foldTransitions(until);
      expect(run.status).not.toBe('absent');
      if (type === 'RunStarted') expect(run.status).toBe('active');
      expect(run).toMatchObject({ sequence: until.reduce((events, transition) => events + transition.events.length, 0) });
    }
  });

  it('folds into any state, since what stands in the log is a fact', () => {
    const states: readonly Run[] = [{ status: 'absent' }, ...readHistories().flatMap(({ transitions }) => transitions.map((_, k) => foldTransitions(transitions.slice(0, k + 1))))];
    for (const state of states) for (const { event } of examples) expect(() => evolveRun(state, event, 0)).not.toThrow();
  });

  it('does not fit with a member too many', () => {
    expect(validate(eventId(type), { ...(written[0] as object), unheardOf: 1 })).not.toBe('valid');
  });
});

describe('the record of a transition', () => {
  const id = 'urn:runledger:transition:v1';
  const transitions = readHistories().flatMap((history) => history.transitions);

  it('fits its schema, in every history', () => {
    for (const transition of transitions) expect(validate(id, transition)).toBe('valid');
  });

  it('does not fit without a header, without events, with another event’s data, or with an event that nobody knows', () => {
    const [first] = transitions;
    const [started, requested] = first?.events ?? [];
    for (const member of ['schema', 'tenant', 'run', 'writer', 'n', 'cause', 'actor', 'time', 'events']) expect(validate(id, { ...first, [member]: undefined }), member).not.toBe('valid');
    expect(validate(id, { ...first, events: [] })).not.toBe('valid');
    expect(validate(id, { ...first, events: [{ ...started, data: requested?.data }] })).not.toBe('valid');
    expect(validate(id, { ...first, events: [{ ...started, type: 'RunUpdated' }] })).not.toBe('valid');
  });
});

describe.each([...commandExamples().keys()])('the command %s', (type) => {
  it('has examples, which fit its schema and its contract', () => {
    const written = read(`commands/${type}.v1.examples.json`) as unknown[];
    expect(written).toEqual(JSON.parse(JSON.stringify(commandExamples().get(type))));
    for (const example of written) {
      expect(validate(`urn:runledger:command:${type}:v1`, example)).toBe('valid');
      expect(clientCommand.parse(example)).toEqual(example);
      expect(validate('urn:runledger:command:v1', { schema: 'runledger.command.v1', id: 'c-1', tenant: 'acme', run: 'run_0_0123456789abcdefghijklmnop', time: 1, actor: 'user:ann', command: example })).toBe('valid');
    }
  });
});

describe('the OpenAPI document', () => {
  type Operation = { operationId: string; parameters?: { name: string; in: string; required: boolean }[]; responses: Record<string, { content?: Record<string, { schema: { allOf?: { properties?: { code?: { enum: string[] } } }[] } }> }>; security?: unknown };
  const document = read('openapi.json') as { openapi: string; info: { version: string }; paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, JsonSchema>; examples: Record<string, { value: unknown }> } };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const components = new Ajv2020({ ...STRICT, keywords: ['components'] }).addSchema({ $id: 'openapi', components: document.components });
  const fits = (name: string, value: unknown): unknown => {
    const check = components.compile({ $ref: `openapi#/components/schemas/${name}` });
    return check(value) ? 'valid' : check.errors;
  };

  it('is of version 3.1 and says which version it describes', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('has an operation for each route, with the parameters that its path names', () => {
    expect(operations.map(({ path, method, operation }) => `${method} ${path} ${operation.operationId}`).sort()).toEqual(ROUTES.map((route) => `${route.method} ${route.path} ${route.operation}`).sort());
    for (const { path, operation } of operations) {
      const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(named.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(named.every(({ required }) => required)).toBe(true);
    }
  });

  it('asks for a key everywhere but where anybody may ask', () => {
    expect(operations.filter(({ operation }) => operation.security !== undefined).map(({ path }) => path)).toEqual(['/health', '/ready']);
  });

  it('says for each route which problems it answers with, under their statuses', () => {
    for (const route of ROUTES) {
      const responses: Operation['responses'] = operations.find(({ operation }) => operation.operationId === route.operation)?.operation.responses ?? {};
      const told = Object.entries(responses).flatMap(([status, { content }]) => (content?.['application/problem+json']?.schema.allOf?.[1]?.properties?.code?.enum ?? []).map((code) => `${status} ${code}`));
      expect(told.sort()).toEqual((route.problems as ProblemCode[]).map((code) => `${PROBLEMS[code].status} ${code}`).sort());
      for (const status of Object.keys(route.answers)) expect(Object.keys(responses)).toContain(status);
    }
  });

  it('points only at what is there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference);
    for (const reference of references) {
      const [, kind, part, name] = reference.split('/');
      expect([reference, kind, Object.keys(document.components[part as 'schemas' | 'examples'] ?? {}).includes(name ?? '')]).toEqual([reference, 'components', true]);
    }
  });

  it('has schemas that can be used, and that fit what is sent', () => {
    for (const name of Object.keys(document.components.schemas)) expect(() => fits(name, undefined), name).not.toThrow();
    for (const { expected } of readHistories()) expect(fits('RunView', expected.view)).toBe('valid');
    for (const { value } of Object.values(document.components.examples)) expect(fits('Problem', value)).toBe('valid');
    expect(fits('StartRunRequest', { agent: 'airline-desk', input: 'Hello', metadata: { vip: true } })).toBe('valid');
    expect(fits('StartRunRequest', { agent: 'airline-desk', inptu: 'Hello' })).not.toBe('valid');
    expect(fits('StartRunRequest', { agent: 'airline-desk', input: 'Hello', metadata: Object.fromEntries(Array.from({ length: 33 }, (_, k) => [`m${k}`, k])) })).not.toBe('valid');
  });
});
