import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actions } from './actions/invoke.ts';
import { openConversations, type Conversations } from './conversation-store.ts';
import { airlineTools, policyText, toolDeclarations } from './tools.ts';

describe('the declared tools', () => {
  it('are the fourteen actions, with the arguments that they take', () => {
    const declared = toolDeclarations.map(({ name, inputSchema }) => [name, Object.keys(inputSchema['properties'] as object)]);
    expect(new Map(declared as [string, string[]][])).toEqual(new Map(Array.from(actions, ([name, { parameters }]) => [name, parameters])));
    expect(toolDeclarations.length).toBe(14);
  });

  it('say which of them change the world, and which ends the run', () => {
    expect(toolDeclarations.filter(({ effect }) => effect === 'idempotent').map(({ name }) => name)).toEqual([
      'book_reservation',
      'cancel_reservation',
      'send_certificate',
      'update_reservation_baggages',
      'update_reservation_flights',
      'update_reservation_passengers',
    ]);
    expect(toolDeclarations.filter(({ endsRun }) => endsRun).map(({ name }) => name)).toEqual(['transfer_to_human_agents']);
  });

  it('come with the instructions of the agent', () => {
    expect(policyText()).toMatch(/^# Airline Agent Policy\n/);
  });
});

describe('an executed tool', () => {
  const directory = mkdtempSync(join(tmpdir(), 'airline-'));
  let conversations: Conversations;

  beforeAll(() => {
    conversations = openConversations(directory);
  });
  afterAll(() => {
    conversations.close();
    rmSync(directory, { recursive: true });
  });

  const execute = (name: string, argumentsText: string, conversation: string, idempotencyKey?: string) => {
    const tool = airlineTools(conversations).find((candidate) => candidate.name === name);
    return tool?.execute(argumentsText, { conversation, idempotencyKey });
  };

  it('works on the database of its conversation, under the key of the platform', () => {
    const send = '{"user_id": "mia_li_3668", "amount": 100}';
    const sent = 'Certificate certificate_3221322 added to user mia_li_3668 with amount 100.';
    expect(execute('send_certificate', send, 'one', 'key')).toBe(sent);
    expect(execute('send_certificate', send, 'one', 'key')).toBe(sent);
    const userIn = (conversation: string) => execute('get_user_details', '{"user_id": "mia_li_3668"}', conversation);
    expect(userIn('one')).toContain('certificate_3221322');
    expect(userIn('other')).not.toContain('certificate_3221322');
    expect(conversations.effects()).toEqual([{ conversation: 'one', key: 'key', tool: 'send_certificate', applied: 1, asked: 2 }]);
  });
});
