/** Counts the timers that are armed in this process, by the place that armed them. Slows it down. */
import { createHook } from 'node:async_hooks';

const IN_THE_REPOSITORY = /((?:apps|libs|bench|examples)\/[\w./-]+\.ts):\d+/;

export async function countTimers(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const hook = createHook({
    init(_id, type) {
      if (type !== 'Timeout') return;
      const place = IN_THE_REPOSITORY.exec((new Error().stack ?? '').split('\n').slice(2).join('\n'))?.[1] ?? 'elsewhere';
      counts[place] = (counts[place] ?? 0) + 1;
    },
  });
  hook.enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  return counts;
}
