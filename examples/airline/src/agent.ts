/**
 * The airline's customer-service agent. The model's answers come from recordings of a real one; everything else is real:
 * the tools work on a database of their own for each conversation, which outlives the process.
 *
 * Settings: AIRLINE_STATE, where the databases are kept (default: beside the platform's data) · AIRLINE_RECORDINGS, trial
 * files separated by the system's path delimiter (default: the two that are shipped) · AIRLINE_DATABASE, another folder
 * with flights.json, users.json and reservations.json.
 */
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { defineAgent, defineTool, type Recording } from '@runledger/sdk';
import { openConversations } from './conversation-store.ts';
import { airlineData, shippedData, type AirlineData } from './database/airline-data.ts';
import { conversationsIn, recordingsIn } from './recorded-runs.ts';
import { shippedTrialFiles } from './recordings.ts';
import { airlineTools, policyText } from './tools.ts';

const { AIRLINE_STATE, AIRLINE_RECORDINGS, AIRLINE_DATABASE, RUNLEDGER_DATA = '.runledger' } = process.env;

const conversations = openConversations(AIRLINE_STATE ?? join(RUNLEDGER_DATA, 'airline'), { data: database(AIRLINE_DATABASE) });

/** A booking, a cancellation, a transfer to a person, … */
const sampleTasks = new Set([1, 4, 7, 12, 20]);

export const airline = defineAgent({
  name: 'airline',
  instructions: policyText(),
  model: { provider: 'recorded', name: 'gpt-4o' },
  turns: 'many',
  limits: { modelCallsMax: 30 },
  unknownToolText: 'Unknown action {tool}',
  tools: airlineTools(conversations).map(({ name, description, inputSchema, effect, endsRun, execute }) =>
    defineTool({
      name, description, input: inputSchema, effect, endsRun, arguments: 'text',
      execute: (text, { run, key }) => execute(text, { conversation: run, idempotencyKey: key }),
    }),
  ),
});

export function* recordings(): Iterable<Recording> {
  for (const file of AIRLINE_RECORDINGS?.split(delimiter) ?? shippedTrialFiles) yield* recordingsIn(file);
}

/** What the platform plays at a first start. */
export function* samples() {
  for (const { recording, messages } of conversationsIn(shippedTrialFiles[0] ?? '').filter(({ taskId }) => sampleTasks.has(taskId))) {
    const inputs = messages.flatMap((message) => (message.role === 'user' ? [{ text: message.content, final: message.content.includes('###STOP###') }] : []));
    yield { agent: airline, id: `sample-${recording.replace('/', '-task-')}`, metadata: { recording }, inputs };
  }
}

function database(directory: string | undefined): AirlineData {
  if (directory === undefined) return shippedData();
  const read = (name: string) => readFileSync(join(directory, `${name}.json`), 'utf8');
  return airlineData({ flights: read('flights'), users: read('users'), reservations: read('reservations') });
}
