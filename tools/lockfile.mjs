/*
 * Keeps package-lock.json complete and free of addresses.
 *
 * npm leaves the optional binaries of other platforms out of the lockfile when a registry does not carry them, and
 * `npm ci` then refuses the lockfile on every platform. `complete` adds the entries that are missing; `check` fails
 * when one is missing, or when an entry says where it was downloaded from.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));

const operatingSystems = { windows: 'win32', win: 'win32' };
const architectures = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32'];

/** The entry a package's name implies: `@nx/nx-linux-x64-musl` is for linux, x64 and musl. */
function entryFor(name, range, dev) {
  const words = name.split(/[-/]/);
  const at = words.findLastIndex((word) => architectures.includes(word));
  if (at < 1) throw new Error(`No platform can be read from the name ${name}: add its lockfile entry by hand, copying os and cpu from its package.json.`);
  const os = operatingSystems[words[at - 1]] ?? words[at - 1];
  const suffix = words[at + 1] ?? '';
  const libc = os !== 'linux' ? undefined : suffix.startsWith('musl') ? 'musl' : suffix.startsWith('gnu') ? 'glibc' : undefined;
  return { version: range.replace(/^[~^=v]+/, ''), cpu: [words[at]], ...(dev && { dev }), ...(libc && { libc: [libc] }), optional: true, os: [os] };
}

/** Node's own lookup: beside the package that asks, then in every folder above it. */
function isLocked(from, name) {
  for (let folder = from; ; ) {
    if (lock.packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (folder === '') return false;
    const above = folder.lastIndexOf('/node_modules/');
    folder = above === -1 ? '' : folder.slice(0, above);
  }
}

function missing() {
  return Object.entries(lock.packages).flatMap(([from, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isLocked(from, name))
      .map(([name, range]) => ({ from, name, range })),
  );
}

function complete() {
  const found = missing();
  for (const { from, name, range } of found) {
    lock.packages[`node_modules/${name}`] = entryFor(name, range, lock.packages[from].dev);
  }
  const [root, ...rest] = Object.entries(lock.packages);
  lock.packages = Object.fromEntries([root, ...rest.sort(([a], [b]) => a.localeCompare(b, 'en'))]);
  if (found.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`lockfile: ${found.length} entries added`);
}

function check() {
  const faults = [
    ...missing().map(({ from, name, range }) => `${from} names ${name}@${range}, which has no entry: run \`npm run lockfile:complete\``),
    ...Object.entries(lock.packages)
      .filter(([, entry]) => !entry.link && entry.resolved !== undefined)
      .map(([at, entry]) => `${at} names the address ${entry.resolved}: run \`npm install\` with this folder's .npmrc`),
  ];
  for (const fault of faults) console.error(`lockfile: ${fault}`);
  console.log(`lockfile: ${Object.keys(lock.packages).length} entries, ${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

const verbs = { complete, check };
const verb = verbs[process.argv[2]];
if (!verb) throw new Error(`Found the verb ${process.argv[2]}, expected complete or check.`);
verb();
