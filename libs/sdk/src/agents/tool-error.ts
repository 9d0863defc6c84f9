/** How a tool says what went wrong, in the platform's words. */
import type { OutcomeClass } from '@runledger/contracts';

const BRAND = Symbol.for('runledger.tool-error');

export interface ToolErrorOptions extends ErrorOptions {
  /** What the platform does about it: `transient_upstream`, `rate_limited` and `timeout` are tried again. Default `internal`. */
  readonly class?: OutcomeClass;
  /** How long the other side asked to wait before the next try, in ms. */
  readonly retryAfterMs?: number;
  /**
   * Of a tool with an effect: whether it may have happened all the same. Say `false` only if it is certain that it has not.
   * Left out, it counts as unknown: of a tool `once` a person is asked, an `idempotent` one keeps its key.
   */
  readonly outcomeUnknown?: boolean;
}

/** Thrown by a tool's `execute`. `code` is `noun/reason`, at most 100 characters; the model reads `message`, at most 4,000. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly [BRAND] = true;
  readonly code: string;
  readonly class: OutcomeClass;
  readonly retryAfterMs: number | undefined;
  readonly outcomeUnknown: boolean | undefined;

  constructor(code: string, message: string, options: ToolErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.class = options.class ?? 'internal';
    this.retryAfterMs = options.retryAfterMs;
    this.outcomeUnknown = options.outcomeUnknown;
  }

  /** Also of an agent package that brought its own copy of the SDK, where `instanceof` says no. */
  static is(error: unknown): error is ToolError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }
}
