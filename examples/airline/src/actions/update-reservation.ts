/** The actions that change a reservation which exists. The policy's rules are the agent's business; nothing here checks them. */
import { jsonText } from '../python/json-text.ts';
import {
  appendAll,
  atLeastZero,
  equals,
  getItem,
  iterate,
  length,
  multiply,
  negate,
  setItem,
  subtract,
} from '../python/operations.ts';
import { deepCopy, type PythonDict, type PythonValue } from '../python/values.ts';
import { defineAction } from './action.ts';
import { fare, takeSeats } from './seats.ts';
import { checkUpdatePayment, payUpdate } from './update-payment.ts';

const notFound = 'Error: reservation not found';
const pricePerBaggage = 50n;

export const updateReservationFlights = defineAction({
  name: 'update_reservation_flights',
  parameters: ['reservation_id', 'cabin', 'flights', 'payment_id'],
  writes: true,
  run(database, { reservation_id, cabin, payment_id: paymentId, ...given }) {
    const current = database.find('reservation', reservation_id);
    if (current === undefined) return notFound;
    const passengers = getItem(current, 'passengers');
    const flights = deepCopy(given.flights);
    for (const flight of iterate(flights)) {
      const kept = keptFlight(current, cabin, flight);
      if (kept === undefined) {
        const refusal = takeSeats(database.data, flight, { cabin, passengers });
        if (refusal !== undefined) return refusal;
      } else {
        for (const field of ['price', 'origin', 'destination']) setItem(flight, field, getItem(kept, field));
      }
    }
    const amount = (fares(flights) - fares(getItem(current, 'flights'))) * length(passengers);
    const refusal = checkUpdatePayment(database, current, { paymentId, amount });
    if (refusal !== undefined) return refusal;
    const reservation = database.edit('reservation', reservation_id);
    // The original leaves the field `cabin` as it was.
    reservation.set('flights', flights);
    payUpdate(database, reservation, { paymentId, amount });
    return jsonText(reservation);
  },
});

export const updateReservationBaggages = defineAction({
  name: 'update_reservation_baggages',
  parameters: ['reservation_id', 'total_baggages', 'nonfree_baggages', 'payment_id'],
  writes: true,
  run(database, { reservation_id, total_baggages, nonfree_baggages, payment_id: paymentId }) {
    const current = database.find('reservation', reservation_id);
    if (current === undefined) return notFound;
    const added = atLeastZero(subtract(nonfree_baggages, getItem(current, 'nonfree_baggages')));
    const amount = multiply(pricePerBaggage, added);
    const refusal = checkUpdatePayment(database, current, { paymentId, amount });
    if (refusal !== undefined) return refusal;
    const reservation = database.edit('reservation', reservation_id);
    reservation.set('total_baggages', total_baggages).set('nonfree_baggages', nonfree_baggages);
    payUpdate(database, reservation, { paymentId, amount });
    return jsonText(reservation);
  },
});

export const updateReservationPassengers = defineAction({
  name: 'update_reservation_passengers',
  parameters: ['reservation_id', 'passengers'],
  writes: true,
  run(database, { reservation_id, passengers }) {
    const current = database.find('reservation', reservation_id);
    if (current === undefined) return notFound;
    if (length(passengers) !== length(getItem(current, 'passengers'))) return 'Error: number of passengers does not match';
    return jsonText(database.edit('reservation', reservation_id).set('passengers', passengers));
  },
});

export const cancelReservation = defineAction({
  name: 'cancel_reservation',
  parameters: ['reservation_id'],
  writes: true,
  run(database, { reservation_id }) {
    if (database.find('reservation', reservation_id) === undefined) return notFound;
    const reservation = database.edit('reservation', reservation_id);
    const history = getItem(reservation, 'payment_history');
    // A refund is a line of the history; nothing is put back on a card.
    appendAll(history, 'extend', iterate(history).map(refundOf));
    return jsonText(reservation.set('status', 'cancelled'));
  },
});

/** A flight that the reservation has already, in the same cabin, keeps its price. */
function keptFlight(reservation: PythonDict, cabin: PythonValue, flight: PythonValue): PythonValue | undefined {
  return iterate(getItem(reservation, 'flights')).find(
    (own) =>
      equals(getItem(own, 'flight_number'), getItem(flight, 'flight_number')) &&
      equals(getItem(own, 'date'), getItem(flight, 'date')) &&
      equals(cabin, getItem(reservation, 'cabin')),
  );
}

function fares(flights: PythonValue): bigint {
  return iterate(flights).reduce<bigint>((total, flight) => total + fare(flight), 0n);
}

function refundOf(payment: PythonValue): PythonDict {
  return new Map([
    ['payment_id', getItem(payment, 'payment_id')],
    ['amount', negate(getItem(payment, 'amount'))],
  ]);
}
