import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fit, SchemaPipe } from './schema-pipe.ts';

const schema = z.strictObject({ name: z.string(), tags: z.array(z.string()).default([]) });

describe('checking a parameter', () => {
  it('gives the value as its schema has it', async () => {
    expect(await fit(schema, { name: 'a' }, 'body')).toEqual({ name: 'a', tags: [] });
    expect(await fit(z.coerce.number(), '7', 'query', 'limit')).toBe(7);
  });

  it('names the place of every fault', async () => {
    await expect(fit(schema, { name: 1, tags: ['a', 2], more: 3 }, 'body')).rejects.toMatchObject({ code: 'request/invalid', errors: [{ path: 'body.name' }, { path: 'body.tags.1' }, { path: 'body' }], message: expect.stringMatching(/^body\.name: .* \(and 2 more; see errors\)$/) as string });
    await expect(fit(z.coerce.number(), 'x', 'path', 'step')).rejects.toMatchObject({ errors: [{ path: 'path.step' }] });
  });

  it('leaves what has no schema as it is', () => {
    const value = { any: 'thing' };
    expect(new SchemaPipe().transform(value, { type: 'custom' })).toBe(value);
  });

  it('tells few faults of many, and little of long ones', async () => {
    const fault = await fit(z.array(z.string()), Array.from({ length: 1_000 }, () => 1), 'body').catch((error: unknown) => error as { errors: unknown[] });
    expect((fault as { errors: unknown[] }).errors).toHaveLength(20);
    const long = await fit(schema, { name: 'a', ['x'.repeat(10_000)]: 1 }, 'body').catch((error: unknown) => (error as Error).message);
    expect((long as string).length).toBeLessThan(400);
  });
});
