import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('is the agent that the README shows', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const shown = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(shown).toBe(readFileSync(new URL('./agent.ts', import.meta.url), 'utf8'));
});
