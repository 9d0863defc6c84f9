import { describeLogContract, type ContractLog } from './log-contract.ts';
import { memoryInbox, memoryLog, MemoryStore } from './memory-log.ts';

let opened = 0;

function openOver(store: MemoryStore): ContractLog {
  const log = memoryLog(store);
  const inbox = memoryInbox(store);
  const close = async (): Promise<void> => {
    await log.close();
    await inbox.close();
  };
  return { log, inbox, reopen: async () => (await close(), openOver(store)), destroy: close };
}

describeLogContract('in memory', async () => openOver(new MemoryStore({ partitions: 2, inboxId: `inbox-${(opened += 1)}` })), { refusesUnexpected: true, inbox: true });
