/**
 * The database as the benchmark ships it: read once, indexed for the searches, and never changed. What a conversation
 * changes lies over it (`database-view.ts`).
 */
import { readFileSync } from 'node:fs';
import { parseJson } from '../python/json-parser.ts';
import { getItem } from '../python/operations.ts';
import type { PythonDict, PythonValue } from '../python/values.ts';

export type Records = ReadonlyMap<string, PythonDict>;

export interface AirlineData {
  /** By flight number, in the order of the file, which is the order of search results. */
  readonly flights: Records;
  readonly users: Records;
  readonly reservations: Records;
  flightsFrom(origin: PythonValue): readonly PythonDict[];
  flightsBetween(origin: PythonValue, destination: PythonValue): readonly PythonDict[];
}

export interface AirlineTexts {
  readonly flights: string;
  readonly users: string;
  readonly reservations: string;
}

let shipped: AirlineData | undefined;

/** The files in `data/`. */
export function shippedData(): AirlineData {
  shipped ??= airlineData(shippedTexts());
  return shipped;
}

export function shippedTexts(): AirlineTexts {
  const read = (name: string) => readFileSync(new URL(`../../data/${name}.json`, import.meta.url), 'utf8');
  return { flights: read('flights'), users: read('users'), reservations: read('reservations') };
}

export function airlineData(texts: AirlineTexts): AirlineData {
  const flights = records(texts.flights, 'flights');
  const byOrigin = Map.groupBy(flights.values(), (flight) => getItem(flight, 'origin'));
  const byDestination = (list: readonly PythonDict[]) => Map.groupBy(list, (flight) => getItem(flight, 'destination'));
  const byRoute = new Map(Array.from(byOrigin, ([origin, list]) => [origin, byDestination(list)]));
  return {
    flights,
    users: records(texts.users, 'users'),
    reservations: records(texts.reservations, 'reservations'),
    flightsFrom: (origin) => byOrigin.get(origin) ?? [],
    flightsBetween: (origin, destination) => byRoute.get(origin)?.get(destination) ?? [],
  };
}

function records(text: string, name: string): Records {
  const parsed = parseJson(text);
  if (!(parsed instanceof Map)) throw new Error(`The file of the ${name} holds no object. It should map ids to records.`);
  return new Map(Array.from(parsed, ([id, record]) => [id, requireRecord(record, `${name} ${id}`)]));
}

export function requireRecord(value: PythonValue, what: string): PythonDict {
  if (value instanceof Map) return value;
  throw new Error(`Not a record: ${what}. Every user, flight and reservation is an object.`);
}
