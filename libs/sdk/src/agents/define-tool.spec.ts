import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { AgentError } from './agent-error.ts';
import { defineTool, type ToolContext } from './define-tool.ts';
import { ToolError } from './tool-error.ts';

const context: ToolContext = {
  tenant: 'acme',
  run: 'run_0_00000000000000000000000000',
  step: 2,
  attempt: 1,
  signal: new AbortController().signal,
  metadata: {},
  callId: 'call_1',
  argumentsText: '{}',
};

const refund = {
  name: 'refund',
  description: 'Pays money back.',
  input: { type: 'object', properties: { amount: { type: 'integer' } }, required: ['amount'] },
  effect: 'once',
  execute: () => 'done',
} as const;

const problemOf = (define: () => unknown): string => {
  try {
    define();
  } catch (error) {
    if (error instanceof AgentError && error.code === 'tool/invalid') return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
};

describe('a tool', () => {
  it('is declared from a zod schema, as what the model has to write, not as what execute is given', () => {
    const tool = defineTool({
      ...refund,
      input: z.object({ amount: z.int().describe('In cents.'), currency: z.string().default('EUR') }),
    });
    expect(tool.declaration).toEqual({
      name: 'refund',
      description: 'Pays money back.',
      inputSchema: {
        type: 'object',
        properties: {
          amount: { type: 'integer', description: 'In cents.', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
          currency: { type: 'string', default: 'EUR' },
        },
        required: ['amount'],
      },
    });
  });

  it('has a timeout of 30 seconds, ends no run and joins equal calls unless it says so', () => {
    expect(defineTool(refund).policy).toEqual({ name: 'refund', version: expect.stringMatching(/^[\w-]{22}$/), effect: 'once', timeoutMs: 30_000 });
    expect(defineTool({ ...refund, timeoutMs: 5, endsRun: true, repeatable: true }).policy).toMatchObject({ timeoutMs: 5, endsRun: true, repeatable: true });
    expect(defineTool({ ...refund, endsRun: false, repeatable: false }).policy).not.toHaveProperty('endsRun');
  });

  it('types the arguments from its schema, and as text where it wants to read them itself', async () => {
    const typed = defineTool({
      ...refund,
      input: z.object({ amount: z.int(), currency: z.string().default('EUR') }),
      execute(args) {
        expectTypeOf(args).toEqualTypeOf<{ amount: number; currency: string }>();
        return { paid: args.amount };
      },
    });
    const raw = defineTool({
      ...refund,
      arguments: 'text',
      execute(args) {
        expectTypeOf(args).toEqualTypeOf<string>();
        return args;
      },
    });
    const plain = defineTool({
      ...refund,
      execute(args) {
        expectTypeOf(args).toEqualTypeOf<Readonly<Record<string, unknown>>>();
        return Promise.resolve(null);
      },
    });
    expect(typed.execute({ amount: 3, currency: 'EUR' }, context)).toEqual({ paid: 3 });
    expect(raw.execute('{broken', context)).toBe('{broken');
    expect([typed.arguments, raw.arguments, plain.arguments]).toEqual(['parsed', 'text', 'parsed']);
  });

  it('parses arguments by its zod schema, with defaults, transformations and checks that JSON Schema cannot say', async () => {
    const tool = defineTool({
      ...refund,
      input: z.object({
        amount: z.int().refine((amount) => amount % 5 === 0, 'must be a multiple of 5'),
        day: z.iso.date().transform((day) => Number(day.slice(0, 4))).default(2024),
      }),
    });
    expect(await tool.parse?.({ amount: 10, day: '2026-11-21' })).toEqual({ ok: true, value: { amount: 10, day: 2026 } });
    expect(await tool.parse?.({ amount: 11 })).toEqual({ ok: false, issues: 'amount: must be a multiple of 5' });
    expect(defineTool(refund).parse).toBeUndefined();
  });

  it('has another version when its declaration or its effect changes, and only then', () => {
    const { version } = defineTool(refund).policy;
    const reordered = { required: ['amount'], properties: { amount: { type: 'integer' } }, type: 'object' };
    expect(defineTool({ ...refund, input: reordered, timeoutMs: 1, execute: () => 'other' }).policy.version).toBe(version);
    expect(defineTool({ ...refund, input: { $schema: 'https://json-schema.org/draft/2020-12/schema', ...refund.input } }).policy.version).toBe(version);
    const others = [{ description: 'Pays.' }, { name: 'pay' }, { effect: 'idempotent' as const }, { input: { type: 'object' } }];
    expect(new Set(others.map((other) => defineTool({ ...refund, ...other }).policy.version)).add(version).size).toBe(5);
  });

  it('does not change when the object that it was defined with does', () => {
    const input = { type: 'object', required: ['amount'] };
    const tool = defineTool({ ...refund, input });
    input.required.push('more');
    expect(tool.declaration.inputSchema['required']).toEqual(['amount']);
    expect(() => Object.assign(tool.policy, { effect: 'none' })).toThrow(TypeError);
    expect(() => (tool.declaration.inputSchema['required'] as string[]).push('more')).toThrow(TypeError);
  });

  it('is refused with what was found and what was expected', () => {
    expect(problemOf(() => defineTool({ ...refund, name: 'pay back' }))).toContain('"pay back" cannot be used: name: expected 1–64 characters');
    expect(problemOf(() => defineTool({ ...refund, effect: 'sometimes' as never }))).toContain('effect: Invalid option: expected one of "none"|"idempotent"|"once"');
    expect(problemOf(() => defineTool({ ...refund, timeoutMs: 0 }))).toContain('timeoutMs: ');
    expect(problemOf(() => defineTool({ ...refund, input: z.string() }))).toContain('found a schema of type "string", expected one of an object');
    expect(problemOf(() => defineTool({ ...refund, input: z.object({ at: z.date() }) }))).toContain('cannot be said in JSON Schema');
    expect(problemOf(() => defineTool({ ...refund, input: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' } }))).toContain('input.$schema: found "http://json-schema.org/draft-07/schema#"');
    expect(problemOf(() => defineTool({ ...refund, execute: undefined as never }))).toContain('execute: expected a function');
  });
});

describe('an error of a tool', () => {
  it('says what the platform may do, and is known across copies of the SDK', () => {
    const error = new ToolError('payments/busy', 'Try later.', { class: 'rate_limited', retryAfterMs: 500, outcomeUnknown: false });
    expect({ ...error }).toMatchObject({ code: 'payments/busy', class: 'rate_limited', retryAfterMs: 500, outcomeUnknown: false });
    expect(new ToolError('payments/broken', 'No.').class).toBe('internal');
    expect(ToolError.is({ [Symbol.for('runledger.tool-error')]: true })).toBe(true);
    expect([new Error('x'), null, 'text', undefined].map((value) => ToolError.is(value))).toEqual([false, false, false, false]);
  });
});
