/** From the contracts' schemas to JSON Schema 2020-12. */
import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;
/** What a sender may write, or what a reader gets: they differ where something has a default. */
export type Side = 'input' | 'output';

export const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** A schema that stands for itself, under its own id. */
export function documentOf(schema: z.ZodType, id: string, title: string, side: Side): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: side, override: tidy });
  return { $schema: DIALECT, $id: id, title, ...rest };
}

/** Without the bounds that every whole number has in JavaScript, and without our names for parts: those are the keys. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  delete jsonSchema['id'];
}

/** Schemas that have a name in a document: they are written once, under `#/components/schemas/`, and pointed at. */
export class NamedSchemas extends z.core.$ZodRegistry<Record<string, unknown>> {
  readonly #named: Readonly<Record<string, z.ZodType>>;

  constructor(named: Readonly<Record<string, z.ZodType>>) {
    super();
    this.#named = named;
    for (const [id, schema] of Object.entries(named)) this.add(schema, { ...z.globalRegistry.get(schema), id });
  }

  /** With what the schemas say of themselves, which zod keeps in a registry of its own. */
  override get<Schema extends z.core.$ZodType>(schema: Schema): ReturnType<z.core.$ZodRegistry<Record<string, unknown>>['get']> {
    return super.get(schema) ?? z.globalRegistry.get(schema);
  }

  /** Each of them in full. `sideOf` says which side a name is written from. */
  definitions(sideOf: (name: string) => Side): JsonSchema {
    return Object.fromEntries(Object.entries(this.#named).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, schema]) => [name, this.#write(schema, sideOf(name))]));
  }

  /** The schema as it stands in an operation. */
  reference(schema: z.ZodType, side: Side): JsonSchema {
    const name = Object.entries(this.#named).find(([, named]) => named === schema)?.[0];
    return name === undefined ? this.#write(schema, side) : { $ref: `#/components/schemas/${name}` };
  }

  #write(schema: z.ZodType, side: Side): JsonSchema {
    const { $schema: _dialect, $defs: named = {}, ...rest } = z.toJSONSchema(schema, { io: side, metadata: this, override: tidy });
    const own = rest.$ref === undefined ? rest : named[rest.$ref.slice('#/$defs/'.length)];
    return JSON.parse(JSON.stringify(own).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
  }
}
