/** Requests from an OpenAPI description and a seed: right ones, nearly right ones, and nonsense. Bounded in number and size. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface MadeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Making {
  readonly count: number;
  readonly seed: number;
  readonly apiKey: string;
  readonly knownRun: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];
const OVERSIZED_CHARACTERS = 1_300_000;

export function* requestsFrom(openApi: OpenApi, { count, seed, apiKey, knownRun }: Making): Generator<MadeRequest, void, undefined> {
  const chance = mulberry(seed);
  const operations = Object.entries(openApi.paths).flatMap(([path, verbs]) => Object.entries(verbs).filter(([verb]) => ['get', 'post'].includes(verb)).map(([verb, operation]) => ({ path, verb, operation })));
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(chance() * items.length)] as Item;
  const make = new Values(chance, openApi, knownRun);
  for (let k = 0; k < count; k++) {
    const { path, verb, operation } = pick(operations);
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(make.parameter(name))));
    const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query' && chance() < 0.4).map(({ name, schema }) => `${name}=${encodeURIComponent(String(make.value(schema ?? {}, 2)))}`);
    // Waiting is bounded here, or the whole would take hours.
    const search = query.filter((part) => !part.startsWith('wait=')).join('&');
    const key = chance() < 0.05 ? {} : { authorization: `Bearer ${chance() < 0.05 ? make.text() .replaceAll(/[^\x21-\x7e]/g, 'x') : apiKey}` };
    const method = chance() < 0.05 ? pick(METHODS) : verb.toUpperCase();
    const route = chance() < 0.03 ? `/v1/${encodeURIComponent(make.text())}` : filled;
    const schema = operation.requestBody?.content['application/json']?.schema;
    const sends = method !== 'GET' && (schema !== undefined || chance() < 0.1);
    const headers = { ...key, ...(sends ? { 'content-type': chance() < 0.04 ? 'text/plain' : 'application/json' } : {}), ...(chance() < 0.05 ? { 'idempotency-key': `key-${Math.floor(chance() * 10)}` } : {}), ...(chance() < 0.05 ? { 'last-event-id': String(make.value({ type: 'integer' }, 1)) } : {}) };
    yield { method, path: search === '' ? route : `${route}?${search}`, headers, ...(sends ? { body: bodyOf(make, schema ?? {}, chance) } : {}) };
  }
}

function bodyOf(make: Values, schema: Schema, chance: () => number): string {
  const roll = chance();
  if (roll < 0.03) return '{"agent": "airline", ';
  if (roll < 0.04) return JSON.stringify({ agent: 'airline', input: 'x'.repeat(OVERSIZED_CHARACTERS) });
  if (roll < 0.1) return JSON.stringify(make.nonsense(3));
  return JSON.stringify(make.value(schema, 4));
}

class Values {
  readonly #chance: () => number;
  readonly #openApi: OpenApi;
  readonly #knownRun: string;

  constructor(chance: () => number, openApi: OpenApi, knownRun: string) {
    this.#chance = chance;
    this.#openApi = openApi;
    this.#knownRun = knownRun;
  }

  parameter(name: string): unknown {
    if (name === 'run' && this.#chance() < 0.5) return this.#knownRun;
    return this.#chance() < 0.3 ? `run_0_${'0123456789abcdefghijklmnop'}` : this.nonsense(0);
  }

  /** Mostly of the schema, sometimes not. */
  value(schema: Schema, depth: number): unknown {
    if (this.#chance() < 0.08) return this.nonsense(depth);
    if (schema.$ref !== undefined) return this.value(this.#openApi.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''] ?? {}, depth - 1);
    const choices = schema.anyOf ?? schema.oneOf ?? schema.enum;
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return this.#pick(schema.enum);
    if (choices !== undefined) return this.value(this.#pick(choices as readonly Schema[]), depth - 1);
    const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
    if (type === 'object' || schema.properties !== undefined) return this.#object(schema, depth);
    if (type === 'integer' || type === 'number') return this.#pick([0, 1, -1, 7, 200, 201, 1e9, 1.5, Number.MAX_SAFE_INTEGER]);
    if (type === 'boolean') return this.#chance() < 0.5;
    return this.text();
  }

  #object(schema: Schema, depth: number): unknown {
    const members = Object.entries(schema.properties ?? {}).filter(() => depth > 0 && this.#chance() < 0.85);
    const made = members.map(([name, member]) => [name, name === 'agent' && this.#chance() < 0.7 ? 'airline' : this.value(member, depth - 1)] as const);
    return Object.fromEntries(this.#chance() < 0.05 ? [...made, [this.text(), this.nonsense(1)] as const] : made);
  }

  nonsense(depth: number): unknown {
    const flat = [null, true, -1, 1e308, '', this.text(), '../../etc/passwd', "'; DROP TABLE run_view; --", '\u0000', '💥'.repeat(20), '%00', 'a'.repeat(3_000)];
    if (depth <= 0 || this.#chance() < 0.6) return this.#pick(flat);
    return this.#chance() < 0.5 ? [this.nonsense(depth - 1), this.nonsense(depth - 1)] : { [this.text()]: this.nonsense(depth - 1), __proto__: 1, constructor: this.nonsense(depth - 1) };
  }

  text(): string {
    return this.#pick(['airline', 'Hi', 'nobody', 'a b', 'ünïcødé', '2024-05-15T00:00:00Z', 'running', 'x', 'key-1', '\n', '{}', '0', 'run_0_zzz', 'r'.repeat(300)]);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#chance() * items.length)] as Item;
  }
}

function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
