import type { ToolTask } from '@runledger/runtime';
import { defineAgent, defineTool, ToolError, z, type Agent, type Effect, type Tool, type ToolContext, type ToolOutput } from '@runledger/sdk';
import { describe, expect, it } from 'vitest';
import { createToolHandler, type ToolHandlerOptions } from './tool-handler.ts';

const order = { type: 'object', properties: { id: { type: 'string' }, amount: { type: 'integer' } }, required: ['id'], additionalProperties: false };

const agentWith = (tool: Tool, name = 'support'): Agent =>
  defineAgent({ name, instructions: 'Help.', model: { provider: 'recorded', name: 'm' }, tools: [tool] });

const toolThat = (execute: (args: Readonly<Record<string, unknown>>, context: ToolContext) => ToolOutput | Promise<ToolOutput>, policy: { effect?: Effect; timeoutMs?: number } = {}) =>
  defineTool({ name: 'refund', description: 'Pays money back.', input: order, effect: 'once', ...policy, execute });

const taskFor = (agent: Agent, text: string, more: Partial<ToolTask> = {}): ToolTask => {
  const [tool] = agent.policy.tools;
  if (tool === undefined) throw new Error('The agent has no tool.');
  return {
    kind: 'tool',
    tenant: 'acme',
    run: 'run_0_00000000000000000000000000',
    agent: { name: agent.policy.name, version: agent.policy.version },
    step: 3,
    attempt: 1,
    deadlineAt: Date.now() + 60_000,
    signal: new AbortController().signal,
    tool,
    callId: 'call_1',
    key: 'k',
    arguments: async () => text,
    declaration: async () => agent.briefing.tools[0],
    ...more,
  };
};

const call = (tool: Tool, text = '{"id":"7"}', more?: Partial<ToolTask>, options?: ToolHandlerOptions) => {
  const agent = agentWith(tool);
  return createToolHandler([agent], options).tool(taskFor(agent, text, more));
};
const never = () => new Promise<string>(() => undefined);

describe('a tool call', () => {
  it('gives the tool its arguments and the facts of the call', async () => {
    let seen: unknown;
    const tool = toolThat((args, context) => {
      const { tenant, run, step, attempt, key, metadata, callId, argumentsText, signal } = context;
      seen = { args, tenant, run, step, attempt, key, metadata, callId, argumentsText, aborted: signal.aborted };
      return 'Paid.';
    });
    expect(await call(tool, '{"id":"7"}', { attempt: 2, metadata: { vip: true } })).toEqual({ outcome: 'completed', output: 'Paid.' });
    expect(seen).toEqual({
      args: { id: '7' },
      tenant: 'acme',
      run: 'run_0_00000000000000000000000000',
      step: 3,
      attempt: 2,
      key: 'k',
      metadata: { vip: true },
      callId: 'call_1',
      argumentsText: '{"id":"7"}',
      aborted: false,
    });
  });

  it('gives a text as it is, any other value as JSON, and nothing as the empty text', async () => {
    const values: ToolOutput[] = ['{"a": 1}', { a: 1 }, [1], 0, false, null, undefined, ''];
    const outputs = await Promise.all(values.flatMap((value) => [call(toolThat(() => value)), call(toolThat(async () => value))]));
    const expected = ['{"a": 1}', '{"a":1}', '[1]', '0', 'false', 'null', '', ''];
    expect(outputs).toEqual(expected.flatMap((output) => [{ outcome: 'completed', output }, { outcome: 'completed', output }]));
  });

  it('gives a tool that wants the text just that, whatever it is', async () => {
    const tool = defineTool({ name: 'raw', description: '', input: order, effect: 'none', arguments: 'text', execute: (text) => `got ${text}` });
    expect(await call(tool, '{broken')).toEqual({ outcome: 'completed', output: 'got {broken' });
  });

  it('gives a tool declared with zod what its schema makes of the arguments', async () => {
    const tool = defineTool({
      name: 'book',
      description: '',
      input: z.object({ seats: z.int().default(1), day: z.iso.date().transform((day) => day.split('-').map(Number)) }),
      effect: 'none',
      execute: ({ seats, day }) => [seats, ...day],
    });
    expect(await call(tool, '{"day":"2026-11-21","more":true}')).toEqual({ outcome: 'completed', output: '[1,2026,11,21]' });
  });

  it('takes blanks for no arguments', async () => {
    const tool = defineTool({ name: 'list', description: '', input: { type: 'object', properties: {} }, effect: 'none', execute: (args) => args });
    expect(await call(tool, ' ')).toEqual({ outcome: 'completed', output: '{}' });
  });
});

describe('arguments that do not fit', () => {
  const refused = async (tool: Tool, text: string) => {
    const result = await call(tool, text);
    if (result.outcome !== 'failed') throw new Error('It was carried out.');
    expect(result).toMatchObject({ failure: { class: 'validation', origin: 'model', code: 'tool/invalid-arguments' } });
    expect(result.outcomeUnknown).toBe(tool.policy.effect === 'none' ? undefined : false);
    return result.failure.message;
  };
  const tool = toolThat(() => expect.unreachable('The tool was called.'));

  it('are answered with what is wrong, so that the model can put it right', async () => {
    expect(await refused(tool, '{"id":7,"amount":1.5,"why":"x"}')).toBe(
      "Invalid arguments for refund: the arguments must not have the property 'why'; /id must be string; /amount must be integer. Nothing was done. Call the tool again with arguments that fit its schema.",
    );
    expect(await refused(tool, '')).toContain("the arguments must have required property 'id'");
    expect(await refused(tool, '{"id":')).toContain('the arguments are not JSON (');
    expect(await refused(tool, '[]')).toContain('the arguments must be object');
  });

  it('are answered with the values that are allowed, and not with more than the model can use', async () => {
    const cabins = { type: 'object', properties: { cabins: { type: 'array', items: { enum: ['economy', 'business'] } }, kind: { const: 'a' } } };
    const choosing = defineTool({ name: 'choose', description: '', input: cabins, effect: 'none', execute: () => expect.unreachable('The tool was called.') });
    expect(await refused(choosing, '{"cabins":["first"],"kind":"b"}')).toContain('/cabins/0 must be one of ["economy","business"]; /kind must be "a"');
    expect(await refused(choosing, JSON.stringify({ cabins: Array.from({ length: 5000 }, (_, k) => `cabin ${k}`) }))).toMatch(/cabins\/4 must be one of .*; and 4995 more\. Nothing was done/);
  });

  it('are found by checks of a zod schema too, and by checks that throw', async () => {
    const even = z.object({ seats: z.int().refine((seats) => seats % 2 === 0, 'must be even') });
    const broken = z.object({ seats: z.int().transform(() => { throw new Error('the check is broken'); }) });
    const never = () => expect.unreachable('The tool was called.');
    expect(await refused(defineTool({ name: 'a', description: '', input: even, effect: 'once', execute: never }), '{"seats":3}')).toContain('seats: must be even');
    expect(await refused(defineTool({ name: 'a', description: '', input: broken, effect: 'once', execute: never }), '{"seats":3}')).toContain('the check is broken');
  });

  it('do not break the checker, however deep they are', async () => {
    const tree = { type: 'object', properties: { next: { $ref: '#' } }, additionalProperties: false };
    const deep = '{"next":'.repeat(100_000) + '{}' + '}'.repeat(100_000);
    const result = await call(defineTool({ name: 'deep', description: '', input: tree, effect: 'once', execute: () => 'done' }), deep);
    expect(result).toMatchObject({ outcome: 'failed', failure: { code: 'tool/invalid-arguments' } });
  });
});

describe('a tool that fails', () => {
  const failing = (error: unknown, effect: Effect) => Promise.all([
    call(toolThat(() => { throw error; }, { effect })),
    call(toolThat(() => Promise.reject(error), { effect })),
  ]);

  it('has failed internally, and if it has an effect, that may have happened', async () => {
    const failure = { class: 'internal', origin: 'tool', code: 'tool/threw', message: 'The tool refund failed: connection reset' };
    for (const result of await failing(new Error('connection reset'), 'once')) expect(result).toEqual({ outcome: 'failed', failure, outcomeUnknown: true });
    for (const result of await failing(new Error('connection reset'), 'idempotent')) expect(result).toEqual({ outcome: 'failed', failure, outcomeUnknown: true });
    for (const result of await failing(new Error('connection reset'), 'none')) expect(result).toEqual({ outcome: 'failed', failure });
  });

  it('says itself what happened and whether the effect did, with a ToolError', async () => {
    const error = new ToolError('payments/busy', 'Try later.', { class: 'rate_limited', retryAfterMs: 1500.2, outcomeUnknown: false });
    const failure = { class: 'rate_limited', origin: 'tool', code: 'payments/busy', message: 'Try later.', retryAfterMs: 1501 };
    for (const result of await failing(error, 'once')) expect(result).toEqual({ outcome: 'failed', failure, outcomeUnknown: false });
    for (const result of await failing(new ToolError('payments/refused', 'No.'), 'once')) expect(result).toMatchObject({ failure: { class: 'internal', code: 'payments/refused' }, outcomeUnknown: true });
  });

  it('gives a failure that the log can hold, whatever it throws', async () => {
    const odd = Object.assign(new ToolError('x'.repeat(500), 'y'.repeat(9_000), { retryAfterMs: -1 }), { class: 'nonsense', outcomeUnknown: 'no' });
    for (const result of await failing(odd, 'once')) {
      expect(result).toEqual({ outcome: 'failed', failure: { class: 'internal', origin: 'tool', code: 'x'.repeat(100), message: 'y'.repeat(4_000) }, outcomeUnknown: true });
    }
    for (const thrown of [undefined, null, '', new Error('')]) {
      for (const result of await failing(thrown, 'none')) expect(result).toMatchObject({ failure: { code: 'tool/threw', message: expect.stringMatching(/failed: ./) } });
    }
  });

  it('has failed if its output is too large or no JSON; the effect has happened, but nobody has the answer', async () => {
    const large = toolThat(() => 'ü'.repeat(131_073));
    expect(await call(large)).toMatchObject({ outcome: 'failed', failure: { class: 'validation', origin: 'tool', code: 'tool/output-too-large', message: expect.stringContaining('262146 bytes, expected at most 262144') }, outcomeUnknown: true });
    expect(await call(toolThat(() => 'ü'.repeat(131_072)))).toMatchObject({ outcome: 'completed' });
    expect(await call(toolThat(() => 'abcd'), undefined, undefined, { outputBytesMax: 3 })).toMatchObject({ failure: { code: 'tool/output-too-large' } });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const value of [circular, () => 1, { big: 1n }]) expect(await call(toolThat(() => value))).toMatchObject({ failure: { code: 'tool/invalid-output' }, outcomeUnknown: true });
  });
});

describe('a call that nobody waits for any more', () => {
  it('times out, tells the tool, and leaves the effect unknown', async () => {
    let signal: AbortSignal | undefined;
    const slow = toolThat((_args, context) => ((signal = context.signal), never()), { timeoutMs: 20 });
    expect(await call(slow)).toEqual({ outcome: 'failed', failure: { class: 'timeout', origin: 'tool', code: 'tool/timeout', message: 'The tool refund did not answer within 20 ms.' }, outcomeUnknown: true });
    expect(signal?.reason).toMatchObject({ name: 'TimeoutError' });
    expect(await call(toolThat(never, { timeoutMs: 20, effect: 'none' }))).not.toHaveProperty('outcomeUnknown');
  });

  it('times out at the deadline of its attempt too', async () => {
    expect(await call(toolThat(never), '{"id":"7"}', { deadlineAt: 120 }, { now: () => 100 })).toMatchObject({ failure: { code: 'tool/timeout' } });
  });

  it('is broken off when it is aborted, and what the tool still does is not heard', async () => {
    const leaving = new AbortController();
    const late = toolThat((_args, { signal }) => new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('late')))));
    const result = call(late, '{"id":"7"}', { signal: leaving.signal });
    setTimeout(() => leaving.abort(), 10);
    expect(await result).toMatchObject({ outcome: 'failed', failure: { class: 'timeout', code: 'tool/abandoned' }, outcomeUnknown: true });
  });

  it('is broken off at once where it was aborted before a tool without effect began', async () => {
    expect(await call(toolThat(never, { effect: 'none' }), '{"id":"7"}', { signal: AbortSignal.abort() })).toMatchObject({ failure: { code: 'tool/abandoned' } });
  });

  it('shows an aborted signal to a tool that looks late', async () => {
    const leaving = new AbortController();
    let seen: boolean | undefined;
    let looked = () => undefined as void;
    const done = new Promise<void>((resolve) => (looked = resolve));
    const looking = toolThat(async (_args, context) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      seen = context.signal.aborted;
      looked();
    });
    const result = call(looking, '{"id":"7"}', { signal: leaving.signal });
    setTimeout(() => leaving.abort(), 5);
    expect(await result).toMatchObject({ failure: { code: 'tool/abandoned' } });
    await done;
    expect(seen).toBe(true);
  });

  it('is not started after its deadline, nor after it was aborted; then nothing happened', async () => {
    const tool = toolThat(() => expect.unreachable('The tool was called.'));
    for (const more of [{ deadlineAt: Date.now() }, { signal: AbortSignal.abort() }]) {
      const result = await call(tool, '{"id":"7"}', more);
      expect(result).toMatchObject({ outcome: 'failed', failure: { class: 'timeout', code: 'tool/not-started' }, outcomeUnknown: false });
    }
    expect(await call(toolThat(() => 'Paid.'), '{"id":"7"}', { deadlineAt: 10 }, { now: () => 9 })).toMatchObject({ outcome: 'completed' });
  });
});

describe('the tools of a worker', () => {
  const first = agentWith(toolThat(() => 'first'));
  const second = agentWith(defineTool({ name: 'refund', description: 'Another text.', input: order, effect: 'once', execute: () => 'second' }));
  const handler = createToolHandler([first, second]);

  it('are found by agent, name and version, with several versions side by side', async () => {
    expect(await handler.tool(taskFor(first, '{"id":"7"}'))).toEqual({ outcome: 'completed', output: 'first' });
    expect(await handler.tool(taskFor(second, '{"id":"7"}'))).toEqual({ outcome: 'completed', output: 'second' });
  });

  it('are not taken for others: the task is not claimed, and nothing happens if it comes all the same', async () => {
    const task = taskFor(first, '{"id":"7"}');
    const others = [{ ...task, agent: { ...task.agent, name: 'sales' } }, { ...task, tool: { ...task.tool, version: 'x' } }, { ...task, tool: { ...task.tool, name: 'pay' } }];
    expect([task, ...others].map((one) => handler.canDo(one))).toEqual([true, false, false, false]);
    expect(handler.canDo({ kind: 'model' })).toBe(false);
    for (const other of others) expect(await handler.tool(other)).toMatchObject({ outcome: 'failed', failure: { class: 'internal', code: 'tool/not-loaded' }, outcomeUnknown: false });
  });

  it('share no zod schema, though their declarations are equal', async () => {
    const withLimit = (max: number, name: string) => agentWith(defineTool({ name: 'pay', description: '', input: z.object({ n: z.number().refine((n) => n < max) }), effect: 'none', execute: () => name }), name);
    const agents = [withLimit(10, 'small'), withLimit(100, 'large')] as const;
    const both = createToolHandler(agents);
    expect(await both.tool(taskFor(agents[0], '{"n":50}'))).toMatchObject({ outcome: 'failed' });
    expect(await both.tool(taskFor(agents[1], '{"n":50}'))).toEqual({ outcome: 'completed', output: 'large' });
  });

  it('are refused at the start where a schema is none, and may bear the same $id', () => {
    const broken = agentWith(defineTool({ name: 'broken', description: '', input: { type: 'object', properties: { a: { type: 'text' } } }, effect: 'none', execute: () => '' }));
    expect(() => createToolHandler([broken])).toThrow(/The input of tool "broken" is no JSON Schema 2020-12/);
    const named = (name: string) => agentWith(defineTool({ name, description: '', input: { $id: 'https://example.com/a', type: 'object' }, effect: 'none', execute: () => '' }), name);
    expect(() => createToolHandler([named('one'), named('two')])).not.toThrow();
  });

  it('may have schemas that refer to themselves, each to its own', async () => {
    const recursive = (name: string, field: string) => agentWith(defineTool({ name, description: '', input: { type: 'object', properties: { [field]: { $ref: '#' } }, additionalProperties: false }, effect: 'none', execute: () => name }));
    const agents = [recursive('one', 'a'), recursive('two', 'b')] as const;
    const both = createToolHandler(agents);
    expect(await both.tool(taskFor(agents[0], '{"a":{"a":{}}}'))).toMatchObject({ outcome: 'completed' });
    expect(await both.tool(taskFor(agents[0], '{"a":{"b":{}}}'))).toMatchObject({ outcome: 'failed' });
    expect(await both.tool(taskFor(agents[1], '{"b":{"b":{}}}'))).toMatchObject({ outcome: 'completed' });
  });

  it('fail before anything was done where the arguments cannot be read', async () => {
    const result = await handler.tool(taskFor(first, '', { arguments: () => Promise.reject(new Error('the log is away')) }));
    expect(result).toEqual({ outcome: 'failed', failure: { class: 'internal', origin: 'orchestration', code: 'task/unreadable', message: 'The arguments could not be read: the log is away' }, outcomeUnknown: false });
  });
});
