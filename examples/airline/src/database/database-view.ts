/**
 * The database as one conversation sees it: the shipped records, with the conversation's own versions lying over them.
 * What a tool edits stays in the view until somebody keeps it, so that a tool that fails half way has changed nothing.
 */
import { getItem, requireHashable } from '../python/operations.ts';
import { deepCopy, type PythonDict, type PythonValue } from '../python/values.ts';
import { requireRecord, type AirlineData } from './airline-data.ts';

export type RecordKind = 'user' | 'reservation';

export interface EditedRecord {
  readonly kind: RecordKind;
  readonly id: string;
  readonly record: PythonDict;
}

/** Where a conversation's own versions of records are kept. What `read` returns belongs to the caller. */
export interface Overlay {
  read(kind: RecordKind, id: string): PythonDict | undefined;
}

export class DatabaseView {
  readonly data: AirlineData;
  readonly #overlay: Overlay;
  readonly #edited = new Map<string, EditedRecord>();

  constructor(data: AirlineData, overlay: Overlay) {
    this.data = data;
    this.#overlay = overlay;
  }

  /** For reading only: the record may be the shipped one. Takes what an agent passed as an id, and raises as a dict does. */
  find(kind: RecordKind, id: PythonValue): PythonDict | undefined {
    requireHashable(id);
    if (typeof id !== 'string') return undefined;
    return this.#edited.get(keyOf(kind, id))?.record ?? this.#overlay.read(kind, id) ?? shippedRecord(this.data, kind, id);
  }

  /** The owner of a reservation, for reading only. */
  ownerOf(reservation: PythonDict): PythonDict {
    const id = getItem(reservation, 'user_id');
    return requireRecord(this.find('user', id) ?? null, `the user ${String(id)} of a reservation`);
  }

  /** A copy that may be changed, and counts as changed. */
  edit(kind: RecordKind, id: PythonValue): PythonDict {
    const record = deepCopy(requireRecord(this.find(kind, id) ?? null, `the ${kind} to be changed`));
    this.put(kind, String(id), record);
    return record;
  }

  put(kind: RecordKind, id: string, record: PythonDict): void {
    this.#edited.set(keyOf(kind, id), { kind, id, record });
  }

  edits(): readonly EditedRecord[] {
    return Array.from(this.#edited.values());
  }
}

export function shippedRecord(data: AirlineData, kind: RecordKind, id: string): PythonDict | undefined {
  return (kind === 'user' ? data.users : data.reservations).get(id);
}

function keyOf(kind: RecordKind, id: string): string {
  return `${kind} ${id}`;
}
