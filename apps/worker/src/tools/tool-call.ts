/**
 * One attempt of one call. Most tools answer at once and never look at their signal, so the timer, the listener and the
 * signal are made only when they are needed: this code runs for every call.
 */
import type { Metadata } from '@runledger/contracts';
import type { ToolTask } from '@runledger/runtime';
import type { ToolContext } from '@runledger/sdk';

export type CallEnd =
  | { readonly end: 'returned'; readonly value: unknown }
  | { readonly end: 'threw'; readonly error: unknown }
  | { readonly end: 'timed-out' | 'abandoned' };

const NO_METADATA: Metadata = Object.freeze({});
const TIMER_MS_MAX = 2 ** 31 - 1;

export class ToolCall implements ToolContext {
  readonly tenant: string;
  readonly run: string;
  readonly step: number;
  readonly attempt: number;
  readonly key: string | undefined;
  readonly metadata: Metadata;
  readonly callId: string;
  readonly argumentsText: string;
  readonly #task: ToolTask;
  readonly #leftMs: number;
  #controller: AbortController | undefined;
  #ended: Error | undefined;

  /** `leftMs`: until the owner gives the attempt up. */
  constructor(task: ToolTask, argumentsText: string, leftMs: number) {
    this.tenant = task.tenant;
    this.run = task.run;
    this.step = task.step;
    this.attempt = task.attempt;
    this.key = task.key;
    this.metadata = task.metadata ?? NO_METADATA;
    this.callId = task.callId;
    this.argumentsText = argumentsText;
    this.#task = task;
    this.#leftMs = leftMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#ended !== undefined) this.#controller.abort(this.#ended);
    return this.#controller.signal;
  }

  /** How the call ends, or that nobody waits for it any longer; then the tool is told, and what it still does is not heard. */
  outcomeOf(work: PromiseLike<unknown>): Promise<CallEnd> {
    const { signal, tool } = this.#task;
    const timeoutMs = Math.min(tool.timeoutMs, this.#leftMs, TIMER_MS_MAX);
    return new Promise((resolve) => {
      const settle = (end: CallEnd) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abandon);
        resolve(end);
      };
      const abandon = () => {
        this.#end(signal.reason instanceof Error ? signal.reason : new DOMException('Nobody waits for this call any more.', 'AbortError'));
        settle({ end: 'abandoned' });
      };
      const timeOut = () => {
        this.#end(new DOMException(`The call was not done within ${tool.timeoutMs} ms.`, 'TimeoutError'));
        settle({ end: 'timed-out' });
      };
      const timer = setTimeout(timeOut, timeoutMs);
      signal.addEventListener('abort', abandon, { once: true });
      if (signal.aborted) abandon();
      work.then(
        (value) => settle({ end: 'returned', value }),
        (error: unknown) => settle({ end: 'threw', error }),
      );
    });
  }

  #end(reason: Error): void {
    this.#ended = reason;
    this.#controller?.abort(reason);
  }
}
