/** A page of events as JSON text: cut where it gets long, since the next one goes on there. */
import { type EventReader } from './event-reader.ts';

const PAGE_CHARACTERS_MAX = 4 * 1024 * 1024;

/** `last`: the sequence of the last event of a run that is final; undefined while more may come. */
export async function eventPageText(reader: EventReader, limit: number, last: number | undefined): Promise<string> {
  const events: string[] = [];
  for (let characters = 0; events.length < limit && characters < PAGE_CHARACTERS_MAX; ) {
    const texts = await reader.next(limit - events.length);
    if (texts.length === 0) break;
    for (const { json } of texts) {
      events.push(json);
      characters += json.length;
    }
  }
  const final = last !== undefined && reader.position >= last;
  return `{"events":[${events.join(',')}],${final ? '' : `"next":${reader.position},`}"final":${final}}`;
}
