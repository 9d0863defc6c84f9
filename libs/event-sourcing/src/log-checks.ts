/**
 * What every adapter of the log and the inbox refuses in the same words, before it touches its medium.
 * All checks of a call run before anything of it is written.
 */
import { LogError, type AppendRequest, type Extent, type ReadLimits } from './log.ts';

/** The limits of a log or an inbox. */
export interface LogLimits {
  readonly partitions: number;
  readonly recordBytesMax: number;
}

/** UTF-8 takes at most three bytes per UTF-16 unit, so that most bodies need not be measured. */
const UTF8_BYTES_PER_UNIT_MAX = 3;

export function checkAppend(limits: LogLimits, requests: readonly AppendRequest[]): void {
  requests.forEach((request, index) => {
    const { partition, expected, bodies } = request;
    checkPartition(limits.partitions, partition);
    if (requests.some((other, k) => k < index && other.partition === partition)) throw misuse(`An append names partition ${partition} twice. Put its records into one request.`, { partition });
    if (!Number.isSafeInteger(expected) || expected < 0) throw misuse(`An append to partition ${partition} expects the offset ${expected}, which is no offset. Give the offset after the last record read.`, { partition });
    if (bodies.length === 0) throw misuse(`An append to partition ${partition} has no records. Leave the partition out.`, { partition });
    for (const body of bodies) checkBody(limits.recordBytesMax, body, partition);
  });
}

export function checkPartition(partitions: number, partition: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return;
  throw misuse(`There is no partition ${partition}: the partitions are 0 to ${partitions - 1}.`, { partition });
}

export function checkBody(recordBytesMax: number, body: string, partition: number): void {
  if (!body.isWellFormed()) throw misuse(`A record for partition ${partition} holds half of a surrogate pair, which UTF-8 cannot store: it would be read back as another text. Encode it with JSON.stringify.`, { partition });
  if (body.length * UTF8_BYTES_PER_UNIT_MAX <= recordBytesMax) return;
  const bytes = Buffer.byteLength(body);
  if (bytes > recordBytesMax) throw new LogError('log/record-too-large', `A record for partition ${partition} has ${bytes} bytes; at most ${recordBytesMax} are taken. Nothing of the batch was written. Store the content as a blob and record its hash.`, { partition, bytes });
}

export function checkRead(partitions: number, partition: number, from: number, limits: ReadLimits): void {
  checkPartition(partitions, partition);
  if (!Number.isSafeInteger(from)) throw misuse(`A read of partition ${partition} starts at ${from}, which is no offset.`, { partition });
  if (!(limits.recordsMax >= 1) || !(limits.bytesMax >= 1)) throw misuse(`A read of partition ${partition} may return ${limits.recordsMax} records and ${limits.bytesMax} bytes. Both limits must be at least 1.`, { partition });
}

/** Throws `log/truncated` unless `from` is an offset of the log, or its end. */
export function checkInsideLog(partition: number, from: number, extent: Extent): void {
  if (from >= extent.start && from <= extent.end) return;
  throw new LogError('log/truncated', `Partition ${partition} was to be read from offset ${from}, but it goes from ${extent.start} to ${extent.end}. Records that a reader knew are missing: restore the log, or rebuild the reader.`, { partition, offset: from, start: extent.start, end: extent.end });
}

/** Throws `log/inbox-lost` unless `from` is an offset of the inbox, or its end. */
export function checkInsideInbox(partition: number, from: number, extent: Extent): void {
  if (from >= extent.start && from <= extent.end) return;
  throw new LogError('log/inbox-lost', `Partition ${partition} of the inbox was to be read from offset ${from}, but it goes from ${extent.start} to ${extent.end}. Commands may be missing: restore the inbox, or let a person decide where to go on.`, { partition, offset: from, start: extent.start, end: extent.end });
}

export function checkTrim(partitions: number, partition: number, offset: number, extent: Extent): void {
  checkPartition(partitions, partition);
  if (Number.isSafeInteger(offset) && offset <= extent.end) return;
  throw misuse(`Partition ${partition} of the inbox was to be trimmed below ${offset}, but it ends at ${extent.end}.`, { partition, offset, end: extent.end });
}

export function closedError(what: 'log' | 'inbox'): LogError {
  return new LogError('log/closed', `The ${what} was used after it was closed. Open it again.`);
}

function misuse(message: string, where: Readonly<Record<string, string | number>>): LogError {
  return new LogError('log/misuse', message, where);
}
