/**
 * The ends of all partitions, beside the database. SQLite takes a damaged or shortened WAL for the end
 * of the WAL and forgets what came after it without a word, even what was acknowledged; this file is
 * how that is noticed. It is rewritten with one write after each commit and not synced: after a crash
 * of the machine it may be behind the log, which is harmless; it is never ahead of it.
 *
 * Two slots take turns, each a line of JSON with a checksum in a sector of its own, so that a torn
 * write spoils one of them.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { LogError } from '@runledger/event-sourcing';

export interface Ends {
  readonly log: readonly number[];
  readonly inbox: readonly number[];
  /** How many there are: burying moves no end, and is acknowledged all the same. */
  readonly deadLetters: number;
}

const SLOTS = 2;
/** Slots start at multiples of this. */
const SECTOR_BYTES = 4_096;
/** Room for the field names, the sequence, the dead letters and the checksum. */
const FIXED_BYTES = 128;
/** Room for one offset, up to 2^53, and a comma. */
const OFFSET_BYTES = 17;

interface Slot extends Ends {
  readonly sequence: number;
}

/** The newest ends that were written, or undefined if there is no such file. */
export function readHeads(file: string): Ends | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new LogError('log/unavailable', `The file of heads ${file} cannot be read: ${String(error)}.`, { file }, { cause: error });
  }
  return newest(text, file);
}

function newest(text: string, file: string): Slot {
  const sectors = Array.from({ length: Math.ceil(text.length / SECTOR_BYTES) }, (_, k) => text.slice(k * SECTOR_BYTES));
  const slots = sectors.map(parseSlot).filter((slot) => slot !== undefined);
  const [last] = slots.toSorted((a, b) => b.sequence - a.sequence);
  if (last === undefined) throw new LogError('log/corrupt', `The file of heads ${file} is damaged, so that nobody can say whether the log is whole. Compare the log with a backup; to go on with what is there, open it once with acceptLoss.`, { file });
  return last;
}

function parseSlot(sector: string): Slot | undefined {
  const [text = ''] = sector.split('\n', 1);
  const sum = text.lastIndexOf(' ');
  if (sum < 0 || crc32(text.slice(0, sum)).toString(16) !== text.slice(sum + 1)) return undefined;
  return JSON.parse(text.slice(0, sum)) as Slot;
}

export class HeadsFile {
  private readonly descriptor: number;
  private readonly slotBytes: number;
  private sequence: number;

  /** Creates the file whole and synced if it is not there or cannot be read, so that it never grows later. */
  constructor(file: string, ends: Ends) {
    this.slotBytes = Math.ceil((FIXED_BYTES + OFFSET_BYTES * (ends.log.length + ends.inbox.length)) / SECTOR_BYTES) * SECTOR_BYTES;
    this.sequence = sequenceOf(file);
    this.descriptor = openSync(file, this.sequence === 0 ? 'w' : 'r+');
    if (this.sequence === 0) writeSync(this.descriptor, Buffer.alloc(SLOTS * this.slotBytes), 0);
    for (let slot = 0; slot < SLOTS; slot += 1) this.write(ends);
    fsyncSync(this.descriptor);
  }

  write(ends: Ends): void {
    this.sequence += 1;
    const text = JSON.stringify({ sequence: this.sequence, ...ends });
    writeSync(this.descriptor, `${text} ${crc32(text).toString(16)}\n`, (this.sequence % SLOTS) * this.slotBytes, 'latin1');
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

function sequenceOf(file: string): number {
  try {
    return newest(readFileSync(file, 'latin1'), file).sequence;
  } catch {
    return 0;
  }
}
