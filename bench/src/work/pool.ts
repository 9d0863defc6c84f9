/** Many of the same at once, the same number all the time. */

/** Does `work` `times` times, `inFlight` of them at once. Answers the ms that each took. */
export async function pool(times: number, inFlight: number, work: (k: number) => Promise<void>): Promise<readonly number[]> {
  const took: number[] = [];
  let next = 0;
  const lines = Array.from({ length: Math.min(times, inFlight) }, async () => {
    while (next < times) {
      const k = next++;
      const startedAt = performance.now();
      await work(k);
      took.push(performance.now() - startedAt);
    }
  });
  await Promise.all(lines);
  return took;
}
