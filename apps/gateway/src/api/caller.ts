/** Who asks, as the handlers see it. `@Who()` gives it to them. */
import { type IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

export interface CallerParts {
  /** The id of the API key. */
  readonly key: string;
  readonly tenant: string;
  readonly trace: string | undefined;
  /** Gives the signal that is aborted once the caller has gone. */
  readonly hold: () => AbortSignal;
}

export class Caller {
  readonly key: string;
  readonly tenant: string;
  /** As the log will name who asked. */
  readonly actor: string;
  readonly trace: string | undefined;
  readonly #hold: () => AbortSignal;
  #gone: AbortSignal | undefined;

  constructor({ key, tenant, trace, hold }: CallerParts) {
    this.key = key;
    this.tenant = tenant;
    this.actor = `key:${key}`;
    this.trace = trace;
    this.#hold = hold;
  }

  /** Aborted once nobody waits for the answer any more, or the gateway closes. */
  get gone(): AbortSignal {
    return (this.#gone ??= this.#hold());
  }
}

const callers = new WeakMap<IncomingMessage, Caller>();

export function rememberCaller(request: IncomingMessage, caller: Caller): void {
  callers.set(request, caller);
}

export const Who = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<IncomingMessage>());
  if (caller === undefined) throw new Error('A handler asked who calls, on a route that is open to all.');
  return caller;
});
