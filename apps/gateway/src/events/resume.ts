/** How a client asks for a stream, and says where it goes on. */
import { type IncomingMessage } from 'node:http';
import { eventsQuery } from '@runledger/contracts';
import { fit } from '@runledger/nest-kit';

/** A HEAD is answered as for a page: there is no stream without a body. */
export function wantsStream({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').toLowerCase().includes('text/event-stream');
}

/** The sequence of the last event that the client has seen, which browsers send by themselves. Throws `request/invalid`. */
export async function lastEventId({ headers }: IncomingMessage): Promise<number | undefined> {
  const given = headers['last-event-id'];
  if (given === undefined || given === '') return undefined;
  return (await fit(eventsQuery.shape.after, given, 'header', 'Last-Event-ID')) as number;
}
