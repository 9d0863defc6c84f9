/*
 * Checks what the linter cannot see: sizes of files that are no TypeScript, words that announce unfinished work, tests
 * that are switched off, barrels, folders named after nothing, and addresses or machine paths that slipped in.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const linesMax = 500;
const generated = /^(package-lock\.json|LICENSE|schemas\/|bench\/results\/)|\.(snap|jsonl|png|svg|ico|pdf)$/;
const code = /\.(ts|tsx|mjs|js)$/;
const namedAfterNothing = new Set('shared common core utils helpers controllers services dtos'.split(' '));

/** Written in pieces, so that this file does not report itself. */
const unfinished = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`);
/** What a user's machine may not permit, or an operating system not have, is run in CI all the same. */
const runsInCi = /\.runIf\((.* \|\| process\.env\['CI'\] !== undefined|process\.platform === 'linux')\)/;
const switchedOff = new RegExp(`\\b(it|test|describe|suite)(\\.\\w+)*\\.(${['on' + 'ly', 'sk' + 'ip', 'to' + 'do', 'run' + 'If'].join('|')})`);
const foreign = new RegExp([['registry', 'npmjs'].join('\\.'), ['', 'work', ''].join('/') + '(main|shared)'].join('|'));

const isBarrel = (path) => /(^|\/)index\.tsx?$/.test(path) && !/\/src\/(testing\/)?index\.ts$/.test(path);

function faultsOf(path) {
  const text = readFileSync(path, 'utf8');
  const lines = text.replace(/\n$/, '').split('\n');
  const found = [];
  const folder = dirname(path).split('/').find((name) => namedAfterNothing.has(name));
  if (folder) found.push(`${path}: the folder "${folder}" says nothing of its contents; name it after a feature`);
  if (lines.length > linesMax) found.push(`${path}: ${lines.length} lines, at most ${linesMax}`);
  if (isBarrel(path)) found.push(`${path}: a barrel; only src/index.ts re-exports`);
  lines.forEach((line, index) => {
    const at = `${path}:${index + 1}`;
    if (unfinished.test(line)) found.push(`${at}: announces unfinished work`);
    if (code.test(path) && switchedOff.test(line) && !runsInCi.test(line)) found.push(`${at}: a test is switched off, or switches off the others`);
    if (foreign.test(line)) found.push(`${at}: names a registry host or a path of one machine`);
  });
  return found;
}

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
const paths = listed.split('\n').filter((path) => path !== '' && !generated.test(path) && existsSync(path));
const faults = paths.flatMap(faultsOf);
for (const fault of faults) console.error(`tidy: ${fault}`);
console.log(`tidy: ${paths.length} files, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
