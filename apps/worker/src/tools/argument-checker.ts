/** Checks what a model wrote against what its tool declares, and says what is wrong so that the model can put it right. */
import type { Tool } from '@runledger/sdk';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

export type CheckedArguments = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

const PROBLEMS_SHOWN_MAX = 5;
const ALLOWED_SHOWN_CHARACTERS = 300;

/** What a schema names inside a compiler is known to every later schema of that compiler. */
const NAMES_ITSELF = /"\$(?:id|anchor|dynamicAnchor)":/;

/** A compiler never forgets, so it is given up with what it knows after so many schemas. */
const SHARED_SCHEMAS_MAX = 1_000;
const shared: { compiler: Ajv2020 | undefined; schemas: number } = { compiler: undefined, schemas: 0 };

/**
 * `format` is an annotation in JSON Schema 2020-12 and no check; a zod schema checks its own formats. Schemas come from
 * many hands, so unknown keywords are let pass. Throws what ajv throws.
 */
function compiled(schema: Readonly<Record<string, unknown>>): ValidateFunction {
  // A new compiler costs tens of milliseconds, so only schemas that could meet another of the same name have their own.
  if (NAMES_ITSELF.test(JSON.stringify(schema))) return newCompiler().compile(schema);
  if (shared.schemas === SHARED_SCHEMAS_MAX) [shared.compiler, shared.schemas] = [undefined, 0];
  shared.schemas += 1;
  shared.compiler ??= newCompiler();
  return shared.compiler.compile(schema);
}

function newCompiler(): Ajv2020 {
  return new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
}

/** The tool's declaration is no schema that can be checked against. */
export class ToolSchemaError extends Error {
  override readonly name = 'ToolSchemaError';
  readonly code = 'tool/invalid-schema';
}

export class ArgumentChecker {
  readonly #tool: Tool;
  readonly #validate: ValidateFunction;

  /** Compiles the schema, once. Throws `ToolSchemaError`. */
  constructor(tool: Tool) {
    this.#tool = tool;
    try {
      this.#validate = compiled(tool.declaration.inputSchema);
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      throw new ToolSchemaError(`The input of tool ${JSON.stringify(tool.policy.name)} is no JSON Schema 2020-12: ${found}. Correct it where the tool is defined.`, { cause: error });
    }
  }

  /** A text of blanks counts as no arguments: models write that for tools that take none. */
  check(text: string): CheckedArguments | Promise<CheckedArguments> {
    let value: unknown;
    try {
      value = text.trim() === '' ? {} : JSON.parse(text);
    } catch (error) {
      return { ok: false, problem: `the arguments are not JSON (${error instanceof Error ? error.message : String(error)})` };
    }
    if (!this.#validate(value)) return { ok: false, problem: problemsOf(this.#validate.errors ?? []) };
    return this.#tool.parse === undefined ? { ok: true, value } : this.#parsed(value);
  }

  async #parsed(value: unknown): Promise<CheckedArguments> {
    const parsed = await this.#tool.parse?.(value);
    if (parsed === undefined) return { ok: true, value };
    return parsed.ok ? parsed : { ok: false, problem: parsed.issues };
  }
}

function problemsOf(errors: readonly ErrorObject[]): string {
  const shown = errors.slice(0, PROBLEMS_SHOWN_MAX).map(problemOf).join('; ');
  return errors.length > PROBLEMS_SHOWN_MAX ? `${shown}; and ${errors.length - PROBLEMS_SHOWN_MAX} more` : shown;
}

/** `/passengers/0/dob must be string`, with the names that ajv leaves out of its messages. */
function problemOf({ instancePath, keyword, message = 'is not allowed', params }: ErrorObject): string {
  const where = instancePath === '' ? 'the arguments' : instancePath;
  if (keyword === 'additionalProperties') return `${where} must not have the property '${params['additionalProperty']}'`;
  if (keyword === 'enum') return `${where} must be one of ${JSON.stringify(params['allowedValues']).slice(0, ALLOWED_SHOWN_CHARACTERS)}`;
  if (keyword === 'const') return `${where} must be ${JSON.stringify(params['allowedValue']).slice(0, ALLOWED_SHOWN_CHARACTERS)}`;
  return `${where} ${message}`;
}
