/** Examples of events, from the recorded histories, so that they are real; of commands, written here. */
import { EVENT_TYPES, EVENT_VERSIONS, clientCommand, type ClientCommand, type EventType, type StoredRunEvent } from '@runledger/contracts';
import { readHistories, type RunTransition } from '../../libs/domain/src/testing/histories.ts';
import { STORIES } from '../../libs/domain/src/testing/stories.ts';

const EXAMPLES_MAX = 2;

/** An event of a history, and the transitions of its run up to and with it. */
export interface Example {
  readonly event: StoredRunEvent;
  readonly history: string;
  readonly until: readonly RunTransition[];
}

/** Of each event its first occurrence, and the first one of another shape. */
export function eventExamples(): ReadonlyMap<EventType, readonly Example[]> {
  const found = new Map<EventType, Map<string, Example>>(EVENT_TYPES.map((type) => [type, new Map()]));
  for (const { name, transitions } of readHistories()) {
    transitions.forEach(({ events }, k) => events.forEach((event, ordinal) => {
      const examples = found.get(event.type);
      const shape = shapeOf(event.data);
      if (examples === undefined || event.version !== EVENT_VERSIONS[event.type] || examples.has(shape) || examples.size === EXAMPLES_MAX) return;
      const last = { ...(transitions[k] as RunTransition), events: events.slice(0, ordinal + 1) };
      examples.set(shape, { event, history: name, until: [...transitions.slice(0, k), last] });
    }));
  }
  return new Map([...found].map(([type, examples]) => [type, [...examples.values()]]));
}

/** Which members there are, and what tells variants apart. */
function shapeOf(value: unknown, name = ''): string {
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([member, held]) => `${member}:${shapeOf(held, member)}`).join();
  return typeof value === 'boolean' || ['timer', 'by', 'effect', 'reason'].includes(name) ? String(value).split(' ')[0] ?? '' : '';
}

const OTHERS: readonly ClientCommand[] = [
  { type: 'ReconcileEffect', step: 2, outcome: { applied: false, reason: 'The airline has no such booking.' } },
  { type: 'CancelRun' },
  { type: 'PauseRun' },
];

export function commandExamples(): ReadonlyMap<ClientCommand['type'], readonly ClientCommand[]> {
  const told = STORIES.flatMap(({ commands }) => commands.flatMap(({ command }) => clientCommand.safeParse(command).data ?? []));
  const examples = new Map<ClientCommand['type'], readonly ClientCommand[]>();
  for (const command of [...told, ...OTHERS]) {
    const before = examples.get(command.type) ?? [];
    const isNew = before.every((other) => shapeOf(other) !== shapeOf(command));
    if (isNew && before.length < EXAMPLES_MAX) examples.set(command.type, [...before, command]);
  }
  return examples;
}
