/**
 * A tool: what the model is told of it, what the platform may do with it, and the function that does the work. Whether a
 * call changes the world has to be said, since the platform's promise about repeating calls rests on it.
 */
import { toolDeclaration, toolPolicy, type Effect, type Metadata, type ToolDeclaration, type ToolPolicy } from '@runledger/contracts';
import { z } from 'zod';
import { AgentError, issuesText } from './agent-error.ts';
import { deepFreeze } from './deep-freeze.ts';
import { versionDigest } from './version-digest.ts';

export interface ToolContext {
  readonly tenant: string;
  readonly run: string;
  readonly step: number;
  /** Counts from 1; above 1 only where the platform may repeat the call. */
  readonly attempt: number;
  /** Of tools with an effect: the same for every attempt of this call. Hand it on as the other side's idempotency key. */
  readonly key?: string | undefined;
  /**
   * Aborted when nobody waits for the call any more: out of time, the run cancelled, or the platform stopping. Made when it
   * is first read, so a spread copy of the context has none: hand on the context or the signal itself.
   */
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
  /** The model's own id of the call. */
  readonly callId: string;
  /** The JSON text that the model wrote. */
  readonly argumentsText: string;
}

/** A text is given to the model as it is, anything else as JSON, nothing as the empty text. */
export type ToolOutput = string | number | boolean | object | null | undefined | void;
export type JsonSchema = Readonly<Record<string, unknown>>;
/** `parsed`: checked against `input`. `text`: the JSON text as the model wrote it, not checked at all. */
export type ArgumentsMode = 'parsed' | 'text';

export type ToolArguments<Input, Mode extends ArgumentsMode> = Mode extends 'text'
  ? string
  : Input extends z.core.$ZodType
    ? z.output<Input>
    : Readonly<Record<string, unknown>>;

export interface ToolDefinition<Input extends z.core.$ZodType | JsonSchema, Mode extends ArgumentsMode = 'parsed'> {
  /** 1–64 characters of a-z, A-Z, 0-9, _ and -. */
  readonly name: string;
  readonly description: string;
  /** A zod schema, or JSON Schema 2020-12; of an object. */
  readonly input: Input;
  readonly effect: Effect;
  /** Of one attempt. Default 30,000, at most a day. */
  readonly timeoutMs?: number;
  /** After a turn in which this tool succeeded, the run is complete. */
  readonly endsRun?: boolean;
  /** Equal calls at the same time are each carried out, instead of joining the first. */
  readonly repeatable?: boolean;
  readonly arguments?: Mode;
  execute(args: ToolArguments<Input, Mode>, context: ToolContext): ToolOutput | Promise<ToolOutput>;
}

export type ParsedArguments = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: string };

/** A tool as the platform holds it; made by `defineTool` only. */
export interface Tool {
  readonly policy: ToolPolicy;
  readonly declaration: ToolDeclaration;
  readonly arguments: ArgumentsMode;
  /** Of tools declared with zod: the arguments as the schema gives them, with defaults and transformations. */
  readonly parse?: (value: unknown) => Promise<ParsedArguments>;
  execute(args: unknown, context: ToolContext): ToolOutput | Promise<ToolOutput>;
}

const BRAND = Symbol.for('runledger.tool');
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const TIMEOUT_MS = 30_000;
const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** Throws `AgentError` `tool/invalid`, which says everything that does not fit. */
export function defineTool<Input extends z.core.$ZodType | JsonSchema, Mode extends ArgumentsMode = 'parsed'>(
  definition: ToolDefinition<Input, Mode>,
): Tool {
  const { input, effect } = definition;
  const declaration = declarationOf(definition.name, definition.description, input);
  const policy = toolPolicy.safeParse({
    name: definition.name,
    // With the effect: an implementation that became unsafe to repeat must not take the calls of the one that was safe.
    version: versionDigest({ ...declaration, effect }),
    effect,
    timeoutMs: definition.timeoutMs ?? TIMEOUT_MS,
    ...(definition.endsRun === true && { endsRun: true }),
    ...(definition.repeatable === true && { repeatable: true }),
  });
  if (!policy.success) throw invalid(definition.name, issuesText(policy.error.issues));
  if (typeof definition.execute !== 'function') throw invalid(definition.name, 'execute: expected a function');
  const tool: Tool = {
    policy: policy.data,
    declaration,
    arguments: definition.arguments ?? 'parsed',
    ...(isZod(input) && { parse: (value: unknown) => parseWith(input, value) }),
    execute: (args, context) => definition.execute(args as ToolArguments<Input, Mode>, context),
  };
  deepFreeze(tool.policy);
  deepFreeze(tool.declaration);
  return Object.freeze(Object.assign(tool, { [BRAND]: true }));
}

export function isTool(value: unknown): value is Tool {
  return typeof value === 'object' && value !== null && BRAND in value;
}

function declarationOf(name: string, description: string, input: z.core.$ZodType | JsonSchema): ToolDeclaration {
  if (!NAME.test(name)) throw invalid(name, 'name: expected 1–64 characters of a-z, A-Z, 0-9, _ and -');
  const declaration = toolDeclaration.safeParse({ name, description, inputSchema: jsonSchemaOf(name, input) });
  if (!declaration.success) throw invalid(name, issuesText(declaration.error.issues));
  return declaration.data;
}

function jsonSchemaOf(name: string, input: z.core.$ZodType | JsonSchema): Record<string, unknown> {
  const { $schema: dialect = DIALECT, ...schema } = isZod(input) ? fromZod(name, input) : plainCopy(name, input);
  if (dialect !== DIALECT) throw invalid(name, `input.$schema: found ${JSON.stringify(dialect)}, expected ${DIALECT}`);
  if (schema['type'] !== 'object') {
    throw invalid(name, `input: found a schema of type ${JSON.stringify(schema['type']) ?? 'none'}, expected one of an object, as z.object({…}) is`);
  }
  return schema;
}

function fromZod(name: string, input: z.core.$ZodType): Record<string, unknown> {
  try {
    return { ...z.toJSONSchema(input, { io: 'input' }) };
  } catch (error) {
    throw new AgentError('tool/invalid', `The input of tool ${JSON.stringify(name)} cannot be said in JSON Schema: ${String(error)}.`, { cause: error });
  }
}

/** The author's object is theirs to change; ours is not, since it is under a digest. */
function plainCopy(name: string, input: JsonSchema): Record<string, unknown> {
  if (typeof input !== 'object' || input === null) throw invalid(name, 'input: expected a zod schema or a JSON Schema object');
  try {
    return JSON.parse(JSON.stringify(input)) as Record<string, unknown>;
  } catch (error) {
    throw new AgentError('tool/invalid', `The input of tool ${JSON.stringify(name)} is no JSON: ${String(error)}.`, { cause: error });
  }
}

async function parseWith(schema: z.core.$ZodType, value: unknown): Promise<ParsedArguments> {
  const parsed = await z.safeParseAsync(schema, value);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, issues: issuesText(parsed.error.issues) };
}

function isZod(value: unknown): value is z.core.$ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value;
}

function invalid(name: unknown, problem: string): AgentError {
  return new AgentError('tool/invalid', `The tool ${JSON.stringify(name)} cannot be used: ${problem}.`);
}
