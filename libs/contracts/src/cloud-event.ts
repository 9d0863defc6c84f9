/** Events one by one, as they leave the platform: CloudEvents 1.0 with our extensions. */
import { z } from 'zod';
import { EVENT_TYPE_PREFIX } from './topics.ts';

export const cloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string().startsWith(EVENT_TYPE_PREFIX),
  subject: z.string().describe('The run.'),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.string(),
  tenantid: z.string(),
  sequence: z.number().int().positive(),
  causationid: z.string(),
  actor: z.string(),
  agent: z.string().optional(),
  traceparent: z.string().optional(),
  hash: z.string(),
  data: z.unknown(),
});
export type CloudEvent = z.infer<typeof cloudEvent>;

export interface EventContext {
  readonly tenant: string;
  readonly run: string;
  readonly cause: string;
  readonly actor: string;
  readonly agent?: string | undefined;
  readonly trace?: string | undefined;
  readonly time: number;
}

/** `time` of the context is in ms; `iso` writes it as RFC 3339, lent by the caller since the contracts have no clock. */
export function toCloudEvent(context: EventContext, event: { id: string; sequence: number; type: string; version: number; data: unknown; hash: string }, iso: (ms: number) => string): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    source: `/tenants/${context.tenant}/runs`,
    type: EVENT_TYPE_PREFIX + event.type,
    subject: context.run,
    time: iso(context.time),
    datacontenttype: 'application/json',
    dataschema: `urn:runledger:event:${event.type}:v${event.version}`,
    tenantid: context.tenant,
    sequence: event.sequence,
    causationid: context.cause,
    actor: context.actor,
    ...(context.agent === undefined ? {} : { agent: context.agent }),
    ...(context.trace === undefined ? {} : { traceparent: context.trace }),
    hash: event.hash,
    data: event.data,
  };
}
