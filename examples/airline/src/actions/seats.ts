/** A flight that is added to a reservation: its seats are checked, and its price and route are written into it. */
import type { AirlineData } from '../database/airline-data.ts';
import { getItem, hasKey, isLess, length, requireHashable, setItem } from '../python/operations.ts';
import { pythonStr } from '../python/text.ts';
import type { PythonValue } from '../python/values.ts';

export interface SeatsWanted {
  readonly cabin: PythonValue;
  readonly passengers: PythonValue;
}

/** Returns why there are no seats, or undefined. `flight` is what the agent passed: `{flight_number, date}`, if it was right. */
export function takeSeats(data: AirlineData, flight: PythonValue, { cabin, passengers }: SeatsWanted): string | undefined {
  const number = getItem(flight, 'flight_number');
  requireHashable(number);
  const scheduled = typeof number === 'string' ? data.flights.get(number) : undefined;
  if (scheduled === undefined) return `Error: flight ${pythonStr(number)} not found`;
  const date = getItem(flight, 'date');
  if (!hasKey(getItem(scheduled, 'dates'), date)) return `Error: flight ${pythonStr(number)} not found on date ${pythonStr(date)}`;
  const onDate = getItem(getItem(scheduled, 'dates'), date);
  if (getItem(onDate, 'status') !== 'available') return `Error: flight ${pythonStr(number)} not available on date ${pythonStr(date)}`;
  if (isLess(getItem(getItem(onDate, 'available_seats'), cabin), length(passengers))) {
    return `Error: not enough seats on flight ${pythonStr(number)}`;
  }
  setItem(flight, 'price', getItem(getItem(onDate, 'prices'), cabin));
  setItem(flight, 'origin', getItem(scheduled, 'origin'));
  setItem(flight, 'destination', getItem(scheduled, 'destination'));
  return undefined;
}

/** Every price of the database is a whole number of dollars. */
export function fare(flight: PythonValue): bigint {
  const price = getItem(flight, 'price');
  if (typeof price !== 'bigint') throw new Error(`A flight of the database costs ${pythonStr(price)}, which is no whole number.`);
  return price;
}
