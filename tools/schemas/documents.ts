/** Everything that stands in schemas/. */
import { EVENT_VERSIONS } from '@runledger/contracts';
import { commandExamples, eventExamples } from './examples.ts';
import { type Documents } from './folder.ts';
import { messageSchemas } from './messages.ts';
import { openApi } from './openapi.ts';

/** `version` is the product's. */
export function documentsOf(version: string): Documents {
  const all = new Map<string, unknown>(messageSchemas());
  for (const [type, examples] of eventExamples()) all.set(`events/${type}.v${EVENT_VERSIONS[type]}.examples.json`, examples.map(({ event }) => event.data));
  for (const [type, examples] of commandExamples()) all.set(`commands/${type}.v1.examples.json`, examples);
  all.set('openapi.json', openApi(version));
  return all;
}
