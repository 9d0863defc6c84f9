import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const importPattern = /\bfrom '(\.{1,2}\/[^']+)'/g;

/** The modules that a module of this folder imports, and theirs, itself included; types count as well. */
function reachableFrom(path: string): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [new URL(path, import.meta.url)];
  for (let url = pending.pop(); url !== undefined; url = pending.pop()) {
    const module = url;
    if (found.has(module.href)) continue;
    found.add(module.href);
    for (const [, specifier = ''] of readFileSync(module, 'utf8').matchAll(importPattern)) pending.push(new URL(specifier, module));
  }
  return new Set(Array.from(found, (href) => href.slice(new URL('.', import.meta.url).href.length)));
}

describe('the answers stand apart from the tools', () => {
  it.each(['./tools.ts', './conversation-store.ts', './score.ts', './transcript.ts'])('%s cannot see the recordings', (path) => {
    expect(reachableFrom(path)).not.toContain('recordings.ts');
  });

  it('and the scorer cannot see the recorded rewards, because nothing but the recordings holds them', () => {
    const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    const holders = Array.from(reachableFrom('./index.ts')).filter((path) => textOf(path).includes('recordedReward'));
    expect(holders).toEqual(['recordings.ts']);
  });

  it('which the search itself would notice', () => {
    expect(reachableFrom('./index.ts')).toContain('recordings.ts');
    expect(reachableFrom('./tools.ts')).toContain('actions/book-reservation.ts');
  });
});
