import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeLogContract, type ContractLog } from '@runledger/event-sourcing/testing/log-contract';
import { openEmbeddedLog } from './open.ts';

function openIn(directory: string): ContractLog {
  const opened = openEmbeddedLog(directory, { partitions: 2 });
  return {
    log: opened.log,
    inbox: opened.inbox,
    reopen: async () => (await opened.close(), openIn(directory)),
    destroy: async () => (await opened.close(), await rm(directory, { recursive: true })),
  };
}

describeLogContract('embedded', async () => openIn(await mkdtemp(join(tmpdir(), 'runledger-log-'))), { refusesUnexpected: true, inbox: true });
