/**
 * Writes schemas/ from the contracts: `npm run schemas`. With `--check` it writes nothing, names every file that is not as
 * it would be written, or that nobody writes, and fails if there is one.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { documentsOf } from './schemas/documents.ts';
import { faultsIn, writeFolder } from './schemas/folder.ts';

const folder = fileURLToPath(new URL('../schemas/', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const documents = documentsOf(version);

if (process.argv.includes('--check')) {
  const faults = faultsIn(folder, documents);
  for (const fault of faults) console.error(`schemas: schemas/${fault}: run \`npm run schemas\``);
  console.log(`schemas: ${documents.size} files, ${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
} else {
  writeFolder(folder, documents);
  console.log(`schemas: ${documents.size} files written`);
}
