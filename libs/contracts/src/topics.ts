/** Names on the wire. */
export const RUN_EVENTS_TOPIC = 'run.events.v1';
export const RUN_INBOX_TOPIC = 'run.inbox.v1';
export const EVENT_TYPE_PREFIX = 'runledger.run.';
