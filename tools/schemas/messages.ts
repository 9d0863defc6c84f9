/** Events, commands and the envelope, one document each. */
import {
  COMMAND_SCHEMA, EVENT_SCHEMAS, EVENT_TYPES, EVENT_VERSIONS, cancelRun, commandRecord, pauseRun, provideInput, reconcileEffect, resumeRun, runId, startRun, tenantId, type ClientCommand,
} from '@runledger/contracts';
import { HASH_LENGTH, TRANSITION_SCHEMA, type StoredEvent, type TransitionHeader } from '@runledger/event-sourcing';
import type { z } from 'zod';
import { DIALECT, documentOf, type JsonSchema } from './json-schema.ts';

const COMMANDS: { readonly [Type in ClientCommand['type']]: z.ZodType } = {
  StartRun: startRun, ProvideInput: provideInput, CancelRun: cancelRun, PauseRun: pauseRun, ResumeRun: resumeRun, ReconcileEffect: reconcileEffect,
};

export const eventId = (type: keyof typeof EVENT_VERSIONS): string => `urn:runledger:event:${type}:v${EVENT_VERSIONS[type]}`;

export function messageSchemas(): ReadonlyMap<string, JsonSchema> {
  const documents = new Map<string, JsonSchema>();
  for (const type of EVENT_TYPES) documents.set(`events/${type}.v${EVENT_VERSIONS[type]}.schema.json`, documentOf(EVENT_SCHEMAS[type], eventId(type), `The data of the event ${type}`, 'output'));
  for (const [type, schema] of Object.entries(COMMANDS)) documents.set(`commands/${type}.v1.schema.json`, documentOf(schema, `urn:runledger:command:${type}:v1`, `The command ${type}`, 'input'));
  documents.set('command.v1.schema.json', documentOf(commandRecord, `urn:${COMMAND_SCHEMA.replaceAll('.', ':')}`, 'A record of the inbox: a command, and who asks when', 'input'));
  documents.set('transition.v1.schema.json', transitionSchema());
  return documents;
}

const text = { type: 'string', minLength: 1 };
const count = (minimum: number) => ({ type: 'integer', minimum });
const patternOf = (schema: z.ZodType): JsonSchema => {
  const { $schema: _dialect, $id: _id, title: _title, ...rest } = documentOf(schema, '', '', 'output');
  return rest;
};

/** A record of the event log: all events of one decision, with what they share written once. */
function transitionSchema(): JsonSchema {
  const header: { readonly [Name in keyof Required<TransitionHeader>]: JsonSchema } = {
    tenant: patternOf(tenantId),
    run: patternOf(runId),
    writer: { ...text, description: 'Who wrote it; it counts if that writer is in force.' },
    n: { ...count(1), description: 'One more than the last of this writer.' },
    inboxPosition: { type: 'object', properties: { id: text, offset: count(0) }, required: ['id', 'offset'], additionalProperties: false, description: 'All commands of that inbox below the offset have ended.' },
    outboxPosition: { ...count(0), description: 'The messages of the run before it are sent.' },
    cause: { ...text, description: 'The id of the command.' },
    trace: { ...text, description: 'W3C traceparent.' },
    actor: { ...text, description: 'Who asked.' },
    agent: { ...text, description: 'The name of the agent.' },
    time: { ...count(0), description: 'ms since 1970.' },
  };
  const optional: readonly string[] = ['inboxPosition', 'outboxPosition', 'trace', 'agent'] satisfies (keyof TransitionHeader)[];
  const names = ['schema', ...Object.keys(header), 'events'];
  return {
    $schema: DIALECT, $id: `urn:${TRANSITION_SCHEMA.replaceAll('.', ':')}`, title: 'A record of the event log: all events of one decision', type: 'object',
    properties: { schema: { const: TRANSITION_SCHEMA }, ...header, events: { type: 'array', minItems: 1, items: { $ref: '#/$defs/event' } } },
    required: names.filter((name) => !optional.includes(name)), additionalProperties: false, $defs: { event: storedEventSchema() },
  };
}

function storedEventSchema(): JsonSchema {
  const members: { readonly [Name in keyof StoredEvent]: JsonSchema } = {
    hash: { type: 'string', minLength: HASH_LENGTH, maxLength: HASH_LENGTH, description: 'SHA-256, base64url, of the hash before it, the header as stored (for the first event of a record) and the text of the event after the hash, with line breaks between the three.' },
    id: text, sequence: { ...count(1), description: 'Per run, without a gap.' }, type: { enum: EVENT_TYPES }, version: count(1), data: true as unknown as JsonSchema,
  };
  return {
    type: 'object', properties: members, required: Object.keys(members), additionalProperties: false,
    oneOf: EVENT_TYPES.map((type) => ({ properties: { type: { const: type }, version: { const: EVENT_VERSIONS[type] }, data: { $ref: eventId(type) } } })),
  };
}
