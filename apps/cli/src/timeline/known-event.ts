/** An event as its type says it is; what this program does not know stays visible as unknown. */
import { EVENT_SCHEMAS, EVENT_TYPE_PREFIX, type CloudEvent, type EventData, type EventType } from '@runledger/contracts';

export type KnownEvent = { [Type in EventType]: { readonly type: Type; readonly data: EventData<Type> } }[EventType];

export function typeOf({ type }: Pick<CloudEvent, 'type'>): string {
  return type.startsWith(EVENT_TYPE_PREFIX) ? type.slice(EVENT_TYPE_PREFIX.length) : type;
}

/** Undefined if the type, or a version of it, came after this program. */
export function knownEvent(event: Pick<CloudEvent, 'type' | 'data'>): KnownEvent | undefined {
  const type = typeOf(event);
  if (!isEventType(type)) return undefined;
  const { success, data } = EVENT_SCHEMAS[type].safeParse(event.data);
  return success ? ({ type, data } as KnownEvent) : undefined;
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_SCHEMAS, type);
}
