/**
 * The benchmark's score of one conversation, from what the conversation did and what the task asks for. It knows nothing
 * of recordings: the recorded reward is what its result is compared with.
 */
import { invokeAction } from './actions/invoke.ts';
import { shippedData, type AirlineData } from './database/airline-data.ts';
import { databaseState, differences, type DatabaseState } from './database/database-state.ts';
import { DatabaseView, type EditedRecord } from './database/database-view.ts';
import { deepCopy } from './python/values.ts';

export interface GoldAction {
  readonly name: string;
  /** JSON, as in a call of a tool. */
  readonly argumentsText: string;
}

export interface Scored {
  readonly task: {
    readonly actions: readonly GoldAction[];
    /** Each must stand in something that the agent said. */
    readonly outputs: readonly string[];
  };
  /** What the agent said to the user, in any order. */
  readonly agentUtterances: readonly string[];
  /** By the user or by the transfer to a person, not at a limit. */
  readonly endedByItself: boolean;
  readonly finalDatabase: DatabaseState;
}

export interface Score {
  readonly reward: 0 | 1;
  readonly endedByItself: boolean;
  /** The records in which the database is not what the gold actions make of it. */
  readonly recordsDiffering: readonly string[];
  readonly outputsMissing: readonly string[];
}

const notApplied = 'transfer_to_human_agents';

export function score({ task, agentUtterances, endedByItself, finalDatabase }: Scored, data: AirlineData = shippedData()): Score {
  const recordsDiffering = differences(finalDatabase, goldState(task.actions, data));
  const said = agentUtterances.map((utterance) => utterance.toLowerCase().replaceAll(',', ''));
  const outputsMissing = task.outputs.filter((output) => !said.some((utterance) => utterance.includes(output.toLowerCase())));
  const isRight = endedByItself && recordsDiffering.length === 0 && outputsMissing.length === 0;
  return { reward: isRight ? 1 : 0, endedByItself, recordsDiffering, outputsMissing };
}

/** What the gold actions make of the shipped database. */
export function goldState(actions: readonly GoldAction[], data: AirlineData = shippedData()): DatabaseState {
  const kept = new Map<string, EditedRecord>();
  const keyOf = (kind: string, id: string) => `${kind} ${id}`;
  const overlay = {
    read: (kind: string, id: string) => {
      const record = kept.get(keyOf(kind, id))?.record;
      return record && deepCopy(record);
    },
  };
  for (const { name, argumentsText } of actions) {
    if (name === notApplied) continue;
    const { edits } = invokeAction(new DatabaseView(data, overlay), name, argumentsText);
    for (const edit of edits) kept.set(keyOf(edit.kind, edit.id), edit);
  }
  return databaseState(data, kept.values());
}

/** Successes of one task among its trials. */
export interface TaskTrials {
  readonly successes: number;
  readonly trials: number;
}

/**
 * pass^k: how likely k trials of a task, drawn from those that were made, are all successes; the mean over the tasks.
 * Every task must have at least k trials.
 */
export function passHatK(tasks: readonly TaskTrials[], k: number): number {
  const short = tasks.find(({ trials }) => trials < k);
  if (short !== undefined) throw new RangeError(`pass^${k} needs ${k} trials of every task; one has ${short.trials}.`);
  if (tasks.length === 0) throw new RangeError('pass^k of no tasks has no value. Give the trials of at least one task.');
  return tasks.reduce((total, { successes, trials }) => total + choose(successes, k) / choose(trials, k), 0) / tasks.length;
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let taken = 0; taken < k; taken += 1) ways = (ways * (n - taken)) / (taken + 1);
  return ways;
}
