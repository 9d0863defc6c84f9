/*
 * Proves that the lint still bites: each canary is a file that breaks one rule (or none), and must be reported for
 * exactly that. Without this, a boundary rule that has lost its project graph passes everything.
 */
import { ESLint } from 'eslint';
import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const boundary = '@nx/enforce-module-boundaries';
const importing = (name) => `import * as imported from '${name}';\nexport const canary = imported;\n`;

const canaries = [
  { in: 'libs/domain/src', code: importing('@runledger/storage'), expected: [boundary] },
  { in: 'libs/contracts/src', code: importing('@runledger/event-sourcing'), expected: [boundary] },
  { in: 'libs/storage/src', code: importing('@runledger/log-embedded'), expected: [boundary] },
  { in: 'libs/runtime/src', code: importing('@runledger/simulation'), expected: [boundary] },
  { in: 'apps/gateway/src', code: importing('@runledger/orchestrator'), expected: [boundary] },
  { in: 'libs/domain/src', code: importing('typeorm'), expected: [boundary] },
  { in: 'libs/domain/src', code: importing('node:fs'), expected: ['no-restricted-imports'] },
  { in: 'libs/contracts/src', code: 'export const canary = Date.now();\n', expected: ['no-restricted-properties'] },
  { in: 'libs/event-sourcing/src', code: 'export const canary = Math.random();\n', expected: ['no-restricted-properties'] },
  { in: 'libs/domain/src', code: 'export const canary = new Date();\n', expected: ['no-restricted-syntax'] },
  { in: 'libs/domain/src', code: 'export const canary = process.pid;\n', expected: ['no-restricted-globals'] },
  { in: 'libs/domain/src', code: 'export const canary = globalThis.fetch;\n', expected: ['no-restricted-globals'] },
  { in: 'libs/domain/src', code: importing('@runledger/event-sourcing'), expected: [] },
  { in: 'libs/runtime/src', suffix: '.spec.ts', code: importing('@runledger/simulation'), expected: [] },
].map((canary, index) => ({ ...canary, path: resolve(canary.in, `canary-${process.pid}-${index}${canary.suffix ?? '.ts'}`) }));

const removeAll = () => canaries.forEach(({ path }) => rmSync(path, { force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (removeAll(), process.exit(1)));

let faults = 0;
try {
  for (const { path, code } of canaries) writeFileSync(path, code);
  const results = await new ESLint().lintFiles(canaries.map(({ path }) => path));
  for (const { path, in: folder, code, expected } of canaries) {
    const found = results.find((result) => result.filePath === path)?.messages ?? [{ ruleId: 'not linted' }];
    if ([...new Set(found.map(({ ruleId }) => ruleId))].join() === expected.join()) continue;
    faults += 1;
    console.error(`canary: in ${folder}, ${code.split('\n')[0]}\n  expected: ${expected.join() || 'nothing'}`);
    console.error(`  found: ${found.map(({ ruleId, message }) => `${ruleId}: ${message}`).join('; ') || 'nothing'}`);
  }
} finally {
  removeAll();
}
console.log(`canary: ${canaries.length} files linted, ${faults} not as expected`);
process.exitCode = faults > 0 ? 1 : 0;
