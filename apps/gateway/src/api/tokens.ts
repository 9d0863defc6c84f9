/** What the controllers are given. */
export const RUN_REQUESTS = Symbol('RunRequests');
export const EVENT_REQUESTS = Symbol('EventRequests');
export const RUN_LIST = Symbol('RunListing');
export const AGENTS = Symbol('Agents');
export const READINESS = Symbol('Readiness');
