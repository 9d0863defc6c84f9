/** A folder of JSON documents of which every file is made by one function. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** By their paths in the folder, with `/`. */
export type Documents = ReadonlyMap<string, unknown>;

const textOf = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

function filesIn(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/')).sort();
}

/** Writes all of them, and removes whatever else there is. */
export function writeFolder(folder: string, documents: Documents): void {
  for (const path of filesIn(folder)) if (!documents.has(path)) rmSync(join(folder, path));
  for (const [path, document] of documents) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, textOf(document));
  }
}

/** What is not as it would be written, a sentence for each file. */
export function faultsIn(folder: string, documents: Documents): readonly string[] {
  const found = filesIn(folder);
  const wrong = [...documents].flatMap(([path, document]) => {
    if (!found.includes(path)) return [`${path} is missing`];
    return readFileSync(join(folder, path), 'utf8') === textOf(document) ? [] : [`${path} is not what the contracts say`];
  });
  return [...wrong, ...found.filter((path) => !documents.has(path)).map((path) => `${path} is written by nobody`)];
}
