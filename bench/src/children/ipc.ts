/** Requests of the benchmark to a process that it has started, and the answers, over Node's own channel between the two. */

/** What a child can do: functions with one argument. */
export type Work = { readonly [name: string]: (argument: never) => Promise<unknown> };
export type ArgumentOf<Does> = Does extends (argument: infer Argument) => unknown ? Argument : never;
export type AnswerOf<Does> = Does extends (argument: never) => Promise<infer Answer> ? Answer : never;

export interface Request {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** First message of a child; what it says of itself is its own matter. */
export interface Up {
  readonly up: unknown;
}

/** Says that this process is up, and serves until the benchmark asks it to stop, or is gone itself. */
export function serve(work: Work, up: unknown, stop: () => Promise<void>): void {
  const send = (message: Answer | Up): void => void process.send?.(message);
  const end = (): void => void stop().finally(() => process.exit());
  process.on('message', ({ id, name, argument }: Request) => {
    if (name === 'stop') return end();
    const does = work[name] as ((argument: unknown) => Promise<unknown>) | undefined;
    if (does === undefined) return send({ id, error: `There is nothing named ${name} to do.` });
    does(argument).then(
      (value) => send({ id, value }),
      (error: unknown) => send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', end);
  // Ctrl-C reaches the whole group; the benchmark's going away is what ends a child, in order.
  process.on('SIGINT', () => undefined);
  send({ up });
}
