/** What every request gets before anything else is done: an id, and headers that hold for every answer. */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';

const REQUEST_ID = /^[\w.:-]{1,128}$/;
const REQUEST_ID_HEADER = 'X-Request-Id';

/** A usable id of the caller is kept, so that its logs and ours can be put side by side. */
export function firstLook(isClosing: () => boolean): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    response.setHeader(REQUEST_ID_HEADER, typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID());
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (isClosing()) response.setHeader('Connection', 'close');
    next();
  };
}

export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader(REQUEST_ID_HEADER));
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** The W3C trace context of a request. One that is not valid is ignored, as its specification says. */
export function traceOf(request: IncomingMessage): string | undefined {
  const trace = request.headers['traceparent'];
  if (typeof trace !== 'string' || !TRACEPARENT.test(trace)) return undefined;
  const [version, traceId = '', parentId = ''] = trace.split('-');
  return version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(parentId) ? undefined : trace;
}
