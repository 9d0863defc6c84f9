/**
 * Lets Node run this repository's TypeScript: `node --import ./tools/typescript.mjs FILE`.
 * Node strips types by itself; what it refuses are decorators, which only the Nest code has. So only files with
 * decorators are transformed. Transforming all of them would also lower private members to helper calls, which
 * costs the engine a quarter of its speed.
 */
import { readFileSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { OxcTransformer } from '@oxc-node/core';

// Most of a start is compiling modules; what was compiled once is kept in the system's folder for temporary files.
enableCompileCache();

const DECORATOR = /^\s*@[A-Z]\w*\(/m;
const root = fileURLToPath(new URL('..', import.meta.url));
const transformer = new OxcTransformer(root);

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/')) return nextLoad(url, context);
    const path = fileURLToPath(url);
    const source = readFileSync(path, 'utf8');
    if (!DECORATOR.test(source)) return nextLoad(url, context);
    return { format: 'module', source: transformer.transform(path, source).source(), shortCircuit: true };
  },
});
