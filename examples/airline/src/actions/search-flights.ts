/** The two searches. They use the indexes of the data, and keep the order of the file and the quirks of the original. */
import { jsonText } from '../python/json-text.ts';
import { getItem, hasKey, lastTwo, parseInteger } from '../python/operations.ts';
import type { PythonDict, PythonValue } from '../python/values.ts';
import { defineAction } from './action.ts';

export const searchDirectFlight = defineAction({
  name: 'search_direct_flight',
  parameters: ['origin', 'destination', 'date'],
  writes: false,
  run(database, { origin, destination, date }) {
    const flights = database.data.flightsBetween(origin, destination);
    return jsonText(flights.filter((flight) => isAvailable(flight, date)).map((flight) => offer(flight, date)));
  },
});

export const searchOnestopFlight = defineAction({
  name: 'search_onestop_flight',
  parameters: ['origin', 'destination', 'date'],
  writes: false,
  run(database, { origin, destination, date }) {
    const journeys: PythonValue[] = [];
    for (const first of database.data.flightsFrom(origin)) {
      for (const second of database.data.flightsBetween(getItem(first, 'destination'), destination)) {
        const secondDate = arrivesNextDay(first) ? dayAfter(date) : date;
        // The texts are compared: an arrival of the next day (`01:30:00+1`) counts as early in the morning.
        if (textOf(first, 'scheduled_arrival_time_est') > textOf(second, 'scheduled_departure_time_est')) continue;
        const bothHaveDates = hasKey(getItem(first, 'dates'), date) && hasKey(getItem(second, 'dates'), secondDate);
        if (!bothHaveDates || !isAvailable(first, date) || !isAvailable(second, secondDate)) continue;
        // The original shows the second flight's seats and prices of the first day.
        journeys.push([offer(first, date).set('date', date), offer(second, date).set('date', secondDate)]);
      }
    }
    return jsonText(journeys);
  },
});

function isAvailable(flight: PythonDict, date: PythonValue): boolean {
  const dates = getItem(flight, 'dates');
  return hasKey(dates, date) && getItem(getItem(dates, date), 'status') === 'available';
}

/** The flight without its calendar, and what the calendar says of this date. */
function offer(flight: PythonDict, date: PythonValue): PythonDict {
  const { dates = null, ...fields } = Object.fromEntries(flight);
  const onDate = getItem(dates, date);
  return new Map([...Object.entries(fields), ...(onDate instanceof Map ? onDate : [])]);
}

function arrivesNextDay(flight: PythonDict): boolean {
  return textOf(flight, 'scheduled_arrival_time_est').includes('+1');
}

/** Within May 2024, and not padded: `2024-05-9`, which no flight has. */
function dayAfter(date: PythonValue): string {
  return `2024-05-${parseInteger(lastTwo(date)) + 1n}`;
}

function textOf(record: PythonDict, field: string): string {
  return String(getItem(record, field));
}
