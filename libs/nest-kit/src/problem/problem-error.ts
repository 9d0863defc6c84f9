/** Answers that are problems (RFC 9457), thrown from wherever they are noticed and written in one place. */
import { PROBLEMS, type Problem, type ProblemCode } from '@runledger/contracts';

export interface SchemaFault {
  /** Where in the request: `body.input`, `query.limit`, `path.run`, `header.Idempotency-Key`. */
  readonly path: string;
  readonly message: string;
}

export interface ProblemExtras extends ErrorOptions {
  readonly errors?: readonly SchemaFault[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** `message` is the answer's `detail`: what was found, what was expected, what to try. It is seen by callers. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly errors: readonly SchemaFault[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, extras);
    this.code = code;
    this.errors = extras.errors;
    this.headers = extras.headers ?? {};
  }
}

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** `request` is the id in X-Request-Id; it becomes the problem's `instance`. */
export function problemBody({ code, message, errors }: ProblemError, request: string): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:runledger:problem:${code}`, title, status, detail: message, instance: `urn:runledger:request:${request}`, code, ...(errors === undefined ? {} : { errors: [...errors] }) };
}

/** When a client may ask again, in seconds, where asking again can help. */
const RETRY_AFTER_S: Partial<Record<ProblemCode, number>> = { 'platform/busy': 1, 'platform/unavailable': 2, 'view/unavailable': 5 };

export function problemHeaders({ code, headers }: ProblemError): Readonly<Record<string, string>> {
  const retryAfterS = RETRY_AFTER_S[code];
  return {
    ...(retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) }),
    ...(PROBLEMS[code].status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...headers,
  };
}
