/** What the parts of the contract suite share: a fresh log per test, and ways to fill and read one whole. */
import { expect } from 'vitest';
import { LogError, type AppendOutcome, type Extent, type Inbox, type Log, type LogErrorCode, type ReadLimits, type StoredRecord } from '../../log.ts';

export interface ContractLog {
  readonly log: Log;
  readonly inbox?: Inbox | undefined;
  /** Closes everything, and opens what is stored again. */
  reopen(): Promise<ContractLog>;
  /** Closes everything that is still open, and deletes what is stored. */
  destroy(): Promise<void>;
}

export interface LogCapabilities {
  /** An append at another offset than the expected one is refused, instead of being acknowledged there. */
  readonly refusesUnexpected: boolean;
  readonly inbox: boolean;
}

export const WIDE: ReadLimits = { recordsMax: 1_000, bytesMax: 8 * 1024 * 1024 };

/** No log of this suite has more records in a partition: a reader that reads on for ever fails instead. */
const READS_MAX = 100_000;

/** Opens a log for one test and puts it away afterwards, however often it was reopened. */
export async function withLog(open: () => Promise<ContractLog>, test: (opened: ContractLog) => Promise<void>): Promise<void> {
  let current = await open();
  const tracked = (opened: ContractLog): ContractLog => ({
    log: opened.log,
    inbox: opened.inbox,
    destroy: () => opened.destroy(),
    reopen: async () => tracked((current = await opened.reopen())),
  });
  try {
    await test(tracked(current));
  } finally {
    await current.destroy();
  }
}

export function inboxOf({ inbox }: ContractLog): Inbox {
  if (inbox === undefined) throw new Error('The suite was told that there is an inbox, but open() gave none.');
  return inbox;
}

interface Readable {
  read(partition: number, from: number, limits: ReadLimits): Promise<readonly StoredRecord[]>;
  extent(partition: number): Promise<Extent>;
}

/** All records from an offset to the end, in as many reads as the limits make of it. */
export async function readAll(log: Readable, partition: number, from = 0, limits: ReadLimits = WIDE): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    const read = await log.read(partition, from + records.length, limits);
    if (read.length === 0) return records;
    records.push(...read);
  }
  throw new Error(`Partition ${partition} did not end after ${READS_MAX} reads.`);
}

export async function bodiesOf(log: Readable, partition: number): Promise<string[]> {
  return (await readAll(log, partition)).map(({ body }) => body);
}

/** Appends where the log ends, and insists that it is accepted there. */
export async function appendAtEnd(log: Log, partition: number, bodies: readonly string[]): Promise<number> {
  const { end } = await log.extent(partition);
  const [outcome] = await log.append([{ partition, expected: end, bodies }]);
  expect(outcome).toEqual({ partition, outcome: 'accepted', offset: end });
  return end;
}

export function only(outcomes: readonly AppendOutcome[]): AppendOutcome {
  const [outcome] = outcomes;
  if (outcome === undefined || outcomes.length !== 1) throw new Error(`Expected one outcome, found ${outcomes.length}.`);
  return outcome;
}

export function texts(count: number, prefix = 'record'): string[] {
  return Array.from({ length: count }, (_, k) => `${prefix} ${k}`);
}

/** Waits for a `LogError` and returns it. */
export async function logErrorOf(attempt: () => Promise<unknown>, code: LogErrorCode): Promise<LogError> {
  const error: unknown = await attempt().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LogError);
  if (!(error instanceof LogError)) throw new Error('unreachable');
  expect(error.code).toBe(code);
  return error;
}
