/**
 * The contract of the log and inbox ports, as one suite that every adapter runs. It asks only for what
 * the ports promise, so that what is built on the promise runs on a disk and on a broker alike.
 */
import { describe } from 'vitest';
import { describeAppending } from './contract/appending.ts';
import { describeClosing } from './contract/closing.ts';
import { describeFencing } from './contract/fencing.ts';
import type { ContractLog, LogCapabilities } from './contract/harness.ts';
import { describeInbox } from './contract/inbox.ts';
import { describeReading } from './contract/reading.ts';
import { describeTailing } from './contract/tailing.ts';

export { describeLogUnderFaults, type FaultyContractLog } from './contract/faults.ts';
export type { ContractLog, LogCapabilities } from './contract/harness.ts';

/** `open` gives an empty log of at least two partitions each time, and an inbox beside it where there is one. */
export function describeLogContract(name: string, open: () => Promise<ContractLog>, capabilities: LogCapabilities): void {
  describe(`the log contract: ${name}`, () => {
    describeAppending(open, capabilities);
    describeReading(open);
    describeFencing(open, capabilities);
    describeTailing(open);
    describeClosing(open, capabilities);
    if (capabilities.inbox) describeInbox(open);
  });
}
