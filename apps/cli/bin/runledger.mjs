#!/usr/bin/env node
await import('../../../tools/typescript.mjs');
await import('../src/main.ts');
