import { defineConfig } from 'vitest/config';

const anywhere = '{libs,apps,examples,bench,tools}/**';
const slowMs = 60_000;

/** `unit` does no I/O, `sim` is seeded, `int` uses one real dependency, `e2e` only public interfaces. */
function project(name: string, include: string[], exclude: string[], testTimeoutMs: number) {
  return {
    test: {
      name,
      include,
      exclude: ['**/node_modules/**', ...exclude],
      environment: 'node',
      pool: 'forks' as const,
      testTimeout: testTimeoutMs,
      hookTimeout: testTimeoutMs,
    },
  };
}

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      project('unit', [`${anywhere}/*.spec.ts`], ['**/*.{sim,int,e2e}.spec.ts'], 5_000),
      project('sim', [`${anywhere}/*.sim.spec.ts`], [], slowMs),
      project('int', [`${anywhere}/*.int.spec.ts`], [], slowMs),
      project('e2e', ['e2e/**/*.e2e.spec.ts'], [], slowMs),
    ],
  },
});
