/**
 * Finds the file that an agent's module begins with. Node's own resolution starts from the importing file; here it has to
 * start from a folder that the configuration names, and a plain folder without package.json counts too.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { AgentError } from './agent-error.ts';

const ENTRIES = ['index.ts', 'agent.ts', 'index.js', 'agent.js'];
const CONDITIONS = new Set(['node', 'import', 'module-sync', 'default']);
const PACKAGE_NAME = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/;

/** The absolute path of the entry. Throws `AgentError` `agent/not-found`. */
export async function findEntry(specifier: string, baseDirectory: string): Promise<string> {
  const path = resolve(baseDirectory, specifier);
  const kind = await kindOf(path);
  if (kind === 'file') return path;
  if (kind === 'folder') return entryOf(path, specifier);
  if (PACKAGE_NAME.test(specifier)) {
    for (let folder = resolve(baseDirectory); ; folder = dirname(folder)) {
      const candidate = join(folder, 'node_modules', specifier);
      if ((await kindOf(candidate)) === 'folder') return entryOf(candidate, specifier);
      if (dirname(folder) === folder) break;
    }
  }
  throw notFound(specifier, `there is neither a file or folder ${path} nor a package of that name in node_modules of ${resolve(baseDirectory)} or above`);
}

async function entryOf(folder: string, specifier: string): Promise<string> {
  const named = await exportedEntry(folder, specifier);
  const candidates = named === undefined ? ENTRIES : [named];
  for (const candidate of candidates) {
    const path = join(folder, candidate);
    if ((await kindOf(path)) === 'file') return path;
  }
  const expected = named === undefined ? `one of ${ENTRIES.join(', ')}, or package.json with exports` : `${named}, which its package.json exports`;
  throw notFound(specifier, `the folder ${folder} has no entry; expected ${expected}`);
}

async function exportedEntry(folder: string, specifier: string): Promise<string | undefined> {
  const path = join(folder, 'package.json');
  if ((await kindOf(path)) !== 'file') return undefined;
  const manifest = parseManifest(await readFile(path, 'utf8'), path, specifier);
  const entry = manifest['exports'] === undefined ? manifest['main'] : targetOf(manifest['exports']);
  if (entry === undefined) return undefined;
  if (typeof entry === 'string' && isInside(folder, entry)) return entry;
  throw notFound(specifier, `${path} names no entry that can be imported: found ${JSON.stringify(entry)}, expected a path inside the package`);
}

function parseManifest(text: string, path: string, specifier: string): Readonly<Record<string, unknown>> {
  try {
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest === 'object' && manifest !== null) return { ...manifest };
  } catch (error) {
    throw new AgentError('agent/not-found', `No agent could be loaded from ${JSON.stringify(specifier)}: ${path} is not JSON.`, { cause: error });
  }
  throw notFound(specifier, `${path} holds no object`);
}

/** What `exports` gives for the agent: `./agent` where there is one, else the package itself; or null. */
function targetOf(exported: unknown): unknown {
  if (typeof exported === 'string') return exported;
  if (typeof exported !== 'object' || exported === null) return null;
  if ('./agent' in exported) return targetOf(exported['./agent']);
  for (const [key, target] of Object.entries(exported)) {
    if (key !== '.' && !CONDITIONS.has(key)) continue;
    const found = targetOf(target);
    if (found !== null) return found;
  }
  return null;
}

function isInside(folder: string, entry: string): boolean {
  const path = relative(folder, join(folder, entry));
  return path !== '' && !path.startsWith('..') && !isAbsolute(path);
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}

function notFound(specifier: string, problem: string): AgentError {
  return new AgentError('agent/not-found', `No agent could be loaded from ${JSON.stringify(specifier)}: ${problem}.`);
}
