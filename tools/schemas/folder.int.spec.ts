import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documentsOf } from './documents.ts';
import { faultsIn, writeFolder } from './folder.ts';

describe('the folder of schemas', () => {
  const documents = documentsOf('1.2.3');
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runledger-schemas-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has no faults after it was written, and is written the same again', () => {
    writeFolder(folder, documents);
    const before = readFileSync(join(folder, 'openapi.json'), 'utf8');
    writeFolder(folder, documentsOf('1.2.3'));
    expect(faultsIn(folder, documentsOf('1.2.3'))).toEqual([]);
    expect(readFileSync(join(folder, 'openapi.json'), 'utf8')).toBe(before);
  });

  it('names each file that differs, is missing, or is written by nobody', () => {
    writeFolder(folder, documents);
    writeFileSync(join(folder, 'openapi.json'), '{}\n');
    rmSync(join(folder, 'events/RunStarted.v1.schema.json'));
    writeFileSync(join(folder, 'events/RunUpdated.v1.schema.json'), '{}\n');
    expect([...faultsIn(folder, documents)].sort()).toEqual(['events/RunStarted.v1.schema.json is missing', 'events/RunUpdated.v1.schema.json is written by nobody', 'openapi.json is not what the contracts say']);
    writeFolder(folder, documents);
    expect(faultsIn(folder, documents)).toEqual([]);
  });
});
