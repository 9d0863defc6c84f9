/** Names on the wire. */
export const EVENT_TYPE_PREFIX = 'runledger.run.';
