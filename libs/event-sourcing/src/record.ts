/**
 * The text of a log record. A record is one line of JSON in several physical lines, so that it can be
 * parsed whole, and cut into the very texts that were hashed without being encoded again:
 *
 *     {"schema":"runledger.transition.v1","tenant":…,"events":[     ← the header text
 *     {"hash":"<43 characters>","id":…,"sequence":…},               ← an event; the hash covers what follows it
 *     {"hash":"<43 characters>","id":…,"sequence":…}
 *     ]}
 *
 * JSON.stringify never writes a raw line break, so a line break is always one of ours.
 */
import { HASH_LENGTH, type Hash } from './hash.ts';
import { LogError } from './log.ts';

export const TRANSITION_SCHEMA = 'runledger.transition.v1';
export const WRITER_STARTED_SCHEMA = 'runledger.writer-started.v1';
export const INBOX_ADVANCED_SCHEMA = 'runledger.inbox-advanced.v1';

/** Up to where commands have ended: everything below `offset` of the inbox named `id`. */
export interface InboxPosition {
  readonly id: string;
  readonly offset: number;
}

/** One event inside a transition. `sequence` is gap-free per run, from 1. `id` = hash(run, cause), and the ordinal. */
export interface StoredEvent<Type extends string = string, Data = unknown> {
  readonly hash: string;
  readonly id: string;
  readonly sequence: number;
  readonly type: Type;
  readonly version: number;
  readonly data: Data;
}

/** What all events of one decision share. `time` is in ms since 1970, as given by the command. */
export interface TransitionHeader {
  readonly tenant: string;
  readonly run: string;
  readonly writer: string;
  readonly n: number;
  readonly inboxPosition?: InboxPosition;
  readonly outboxPosition?: number;
  readonly cause: string;
  readonly trace?: string;
  readonly actor: string;
  readonly agent?: string;
  readonly time: number;
}

export interface Transition<Event extends StoredEvent = StoredEvent> extends TransitionHeader {
  readonly schema: typeof TRANSITION_SCHEMA;
  readonly events: readonly Event[];
}

/** Claims the partition. Takes effect only if `follows` is the writer in force at this place in the log. */
export interface WriterStarted {
  readonly schema: typeof WRITER_STARTED_SCHEMA;
  readonly writer: string;
  readonly follows: string | null;
  readonly time: number;
}

/** Says that commands ended without an event: rejected, duplicate, or parked as dead letters. */
export interface InboxAdvanced {
  readonly schema: typeof INBOX_ADVANCED_SCHEMA;
  readonly writer: string;
  readonly n: number;
  readonly inboxPosition: InboxPosition;
  readonly time: number;
}

export type LogRecord<Event extends StoredEvent = StoredEvent> = Transition<Event> | WriterStarted | InboxAdvanced;

/** An event whose text is not made yet. */
export interface EventDraft {
  readonly id: string;
  readonly sequence: number;
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}

const HASH_OPEN = '{"hash":"';
const EVENT_TEXT_AT = HASH_OPEN.length + HASH_LENGTH + '",'.length;

/** The record's text, and the hash of its last event: what the run's next event is chained to. */
export interface EncodedTransition {
  readonly body: string;
  readonly hashes: readonly string[];
  readonly head: string;
}

/** Makes each event's text once; that text is hashed, stored, and sent on. */
export function encodeTransition(header: TransitionHeader, events: readonly EventDraft[], previousHash: string, hash: Hash): EncodedTransition {
  if (events.length === 0) throw new LogError('log/misuse', `A transition of run ${header.run} without events cannot be written: nothing has happened. To say how far the inbox was read, write InboxAdvanced.`, { n: header.n });
  const headerText = headerTextOf(header);
  const hashes: string[] = [];
  let head = previousHash;
  let body = headerText;
  for (const event of events) {
    const text = JSON.stringify(event);
    head = chain(head, hashes.length === 0 ? headerText : '', text, hash);
    hashes.push(head);
    body += (hashes.length === 1 ? '\n' : ',\n') + HASH_OPEN + head + '",' + text.slice(1);
  }
  return { body: body + '\n]}', hashes, head };
}

function headerTextOf(header: TransitionHeader): string {
  const text = JSON.stringify({ schema: TRANSITION_SCHEMA, ...header });
  return text.slice(0, -1) + ',"events":[';
}

/**
 * The hash of an event covers the run's previous hash, the header as stored, and the event's own text. The header goes into
 * a record's first event, and through it into the others; they are given the empty text. A line break stands between the
 * three, since none of them holds one: no other header and event give the same text.
 */
export function chain(previousHash: string, headerText: string, eventText: string, hash: Hash): string {
  return hash(`${previousHash}\n${headerText}\n${eventText}`);
}

export function encodeControl(record: WriterStarted | InboxAdvanced): string {
  return JSON.stringify(record);
}

/** Parses a record's text. Throws `LogError` `log/corrupt` if it is none; `where` says which one it was. */
export function decodeRecord<Event extends StoredEvent = StoredEvent>(body: string, where: Readonly<Record<string, string | number>> = {}): LogRecord<Event> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new LogError('log/corrupt', `The record is not JSON${place(where)}: ${String(error)}.`, where, { cause: error });
  }
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (schema === TRANSITION_SCHEMA || schema === WRITER_STARTED_SCHEMA || schema === INBOX_ADVANCED_SCHEMA) return value as LogRecord<Event>;
  throw new LogError('log/newer-version', `The record${place(where)} has the schema ${JSON.stringify(schema)}, which this version does not know. Was it written by a newer version?`, where);
}

/** The texts that were hashed, cut out of a transition's stored text. */
export interface TransitionTexts {
  readonly header: string;
  /** Each event as stored, with its hash. */
  readonly events: readonly string[];
}

export function sliceTransition(body: string, where: Readonly<Record<string, string | number>> = {}): TransitionTexts {
  const lines = body.split('\n');
  if (lines.length < 3 || lines.at(-1) !== ']}') throw new LogError('log/corrupt', `The transition${place(where)} is not laid out in lines.`, where);
  const events = lines.slice(1, -1).map((line, k) => {
    if (k === lines.length - 3) return line;
    if (!line.endsWith(',')) throw new LogError('log/corrupt', `No comma follows event ${k + 1} of the transition${place(where)}.`, { ...where, event: k + 1 });
    return line.slice(0, -1);
  });
  return { header: lines[0] ?? '', events };
}

/**
 * Recomputes the chain over a transition's stored bytes. Returns the run's new head.
 * Throws `LogError` `log/corrupt` naming the event that does not fit.
 */
export function verifyTransition(body: string, previousHash: string, hash: Hash, where: Readonly<Record<string, string | number>> = {}): string {
  const texts = sliceTransition(body, where);
  let head = previousHash;
  texts.events.forEach((stored, k) => {
    const claimed = stored.slice(HASH_OPEN.length, HASH_OPEN.length + HASH_LENGTH);
    const found = chain(head, k === 0 ? texts.header : '', '{' + stored.slice(EVENT_TEXT_AT), hash);
    if (stored.slice(0, EVENT_TEXT_AT) !== `${HASH_OPEN}${found}",`) throw new LogError('log/corrupt', `Event ${k + 1} of the transition${place(where)} does not fit the hash chain: stored ${claimed}, computed ${found}.`, { ...where, event: k + 1 });
    head = found;
  });
  return head;
}

function place(where: Readonly<Record<string, string | number>>): string {
  const parts = Object.entries(where).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? '' : ` at ${parts.join(', ')}`;
}
