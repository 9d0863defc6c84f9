/** What a promise gives, or undefined once it has taken too long or nobody waits any more. */
export function within<Value>(promise: Promise<Value>, timeoutMs: number, signal: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      over();
      resolve(undefined);
    };
    const timer = setTimeout(giveUp, timeoutMs);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    promise.then(
      (value) => {
        over();
        resolve(value);
      },
      (error: unknown) => {
        over();
        reject(error as Error);
      },
    );
  });
}
