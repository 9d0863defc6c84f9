/** Checks every parameter that names a schema: `@Query({ schema })`, `@Param('run', { schema })`, `@JsonBody({ schema })`. */
import { type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { ProblemError, type SchemaFault } from '../problem/problem-error.ts';

type Schema = NonNullable<ArgumentMetadata['schema']>;
type Place = 'body' | 'query' | 'path' | 'header';

/** A request can be wrong in thousands of places; its sender reads a few. */
const FAULTS_MAX = 20;
const FAULT_CHARACTERS_MAX = 300;

const PLACES: Partial<Record<ArgumentMetadata['type'], Place>> = { body: 'body', custom: 'body', query: 'query', param: 'path' };

export class SchemaPipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown, { schema, type, data }: ArgumentMetadata): unknown {
    return schema === undefined ? value : fit(schema, value, PLACES[type] ?? 'body', data);
  }
}

/** The value as the schema gives it. Throws `request/invalid`. `name` is the part of the place that was checked. */
export async function fit(schema: Schema, value: unknown, place: Place, name?: string): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const errors = result.issues.slice(0, FAULTS_MAX).map((issue): SchemaFault => {
    const path = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
    return { path: cut([place, ...(name === undefined ? [] : [name]), ...path].join('.')), message: cut(issue.message) };
  });
  const [first] = errors;
  const more = result.issues.length > 1 ? ` (and ${result.issues.length - 1} more; see errors)` : '';
  throw new ProblemError('request/invalid', `${first?.path}: ${first?.message}${more}`, { errors });
}

const cut = (text: string): string => (text.length <= FAULT_CHARACTERS_MAX ? text : `${text.slice(0, FAULT_CHARACTERS_MAX)}…`);
