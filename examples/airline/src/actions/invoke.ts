/** All fourteen actions, and the call of one by its name. */
import type { DatabaseView, EditedRecord } from '../database/database-view.ts';
import { parseJson } from '../python/json-parser.ts';
import { PythonException } from '../python/values.ts';
import type { Action } from './action.ts';
import { bookReservation } from './book-reservation.ts';
import {
  calculateExpression,
  getReservationDetails,
  getUserDetails,
  listAllAirports,
  think,
  transferToHumanAgents,
} from './look-up.ts';
import { searchDirectFlight, searchOnestopFlight } from './search-flights.ts';
import { sendCertificate } from './send-certificate.ts';
import {
  cancelReservation,
  updateReservationBaggages,
  updateReservationFlights,
  updateReservationPassengers,
} from './update-reservation.ts';

export interface Outcome {
  /** What the agent reads. */
  readonly output: string;
  /** To be kept by the caller, all or none. */
  readonly edits: readonly EditedRecord[];
}

/** By name. */
export const actions: ReadonlyMap<string, Action> = new Map(
  [
    bookReservation,
    calculateExpression,
    cancelReservation,
    getReservationDetails,
    getUserDetails,
    listAllAirports,
    searchDirectFlight,
    searchOnestopFlight,
    sendCertificate,
    think,
    transferToHumanAgents,
    updateReservationBaggages,
    updateReservationFlights,
    updateReservationPassengers,
  ].map((action) => [action.name, action]),
);

/** `argumentsText` is the JSON as the model wrote it: `250` and `250.0` are printed as they came. */
export function invokeAction(database: DatabaseView, name: string, argumentsText: string): Outcome {
  const action = actions.get(name);
  if (action === undefined) return { output: `Unknown action ${name}`, edits: [] };
  try {
    const output = action.run(database, parseJson(argumentsText));
    return { output, edits: database.edits() };
  } catch (error) {
    if (!(error instanceof PythonException)) throw error;
    return { output: `Error: ${error.message}`, edits: [] };
  }
}
