/** Books flights for a user. The seats are not reduced: the original leaves the flights as they are. */
import type { DatabaseView } from '../database/database-view.ts';
import { jsonText } from '../python/json-text.ts';
import {
  add,
  appendAll,
  equals,
  getItem,
  hasKey,
  isLess,
  iterate,
  length,
  multiply,
  setItem,
  subtract,
  sum,
} from '../python/operations.ts';
import { pythonStr } from '../python/text.ts';
import { deepCopy, type PythonDict, type PythonValue } from '../python/values.ts';
import { defineAction } from './action.ts';
import { fare, takeSeats } from './seats.ts';

const bookedAt = '2024-05-15T15:00:00';
const insurancePerPassenger = 30n;
const pricePerBaggage = 50n;

export const bookReservation = defineAction({
  name: 'book_reservation',
  parameters: [
    'user_id',
    'origin',
    'destination',
    'flight_type',
    'cabin',
    'flights',
    'passengers',
    'payment_methods',
    'total_baggages',
    'nonfree_baggages',
    'insurance',
  ],
  writes: true,
  run(database, given) {
    const user = database.find('user', given.user_id);
    if (user === undefined) return 'Error: user not found';
    const id = freeId(database);
    const { cabin, passengers, payment_methods: payments } = given;
    const flights = deepCopy(given.flights);

    let total: PythonValue = 0n;
    for (const flight of iterate(flights)) {
      const refusal = takeSeats(database.data, flight, { cabin, passengers });
      if (refusal !== undefined) return refusal;
      total = add(total, fare(flight) * length(passengers), '+=');
    }
    if (given.insurance === 'yes') total = add(total, insurancePerPassenger * length(passengers), '+=');
    total = add(total, multiply(pricePerBaggage, given.nonfree_baggages), '+=');

    const refusal = checkPayments(user, payments, total);
    if (refusal !== undefined) return refusal;
    const owner = database.edit('user', given.user_id);
    pay(owner, payments);
    const reservation: PythonDict = new Map<string, PythonValue>([
      ['reservation_id', id],
      ['user_id', given.user_id],
      ['origin', given.origin],
      ['destination', given.destination],
      ['flight_type', given.flight_type],
      ['cabin', cabin],
      ['flights', flights],
      ['passengers', passengers],
      ['payment_history', payments],
      ['created_at', bookedAt],
      ['total_baggages', given.total_baggages],
      ['nonfree_baggages', given.nonfree_baggages],
      ['insurance', given.insurance],
    ]);
    database.put('reservation', id, reservation);
    appendAll(getItem(owner, 'reservations'), 'append', [id]);
    return jsonText(reservation);
  },
});

/** No task books more than three; a fourth would overwrite the third, as in the original. */
function freeId(database: DatabaseView): string {
  return ['HATHAT', 'HATHAU'].find((id) => database.find('reservation', id) === undefined) ?? 'HATHAV';
}

function checkPayments(user: PythonDict, payments: PythonValue, total: PythonValue): string | undefined {
  const methods = getItem(user, 'payment_methods');
  for (const payment of iterate(payments)) {
    const id = getItem(payment, 'payment_id');
    const amount = getItem(payment, 'amount');
    if (!hasKey(methods, id)) return `Error: payment method ${pythonStr(id)} not found`;
    const method = getItem(methods, id);
    if (holdsMoney(method) && isLess(getItem(method, 'amount'), amount)) {
      return `Error: not enough balance in payment method ${pythonStr(id)}`;
    }
  }
  const paid = sum(iterate(payments).map((payment) => getItem(payment, 'amount')));
  if (equals(paid, total)) return undefined;
  return `Error: payment amount does not add up, total price is ${pythonStr(total)}, but paid ${pythonStr(paid)}`;
}

/** A credit card has no balance to check. */
function holdsMoney(method: PythonValue): boolean {
  const source = getItem(method, 'source');
  return source === 'gift_card' || source === 'certificate';
}

function pay(user: PythonDict, payments: PythonValue): void {
  const methods = getItem(user, 'payment_methods');
  for (const payment of iterate(payments)) {
    const id = getItem(payment, 'payment_id');
    const method = getItem(methods, id);
    const source = getItem(method, 'source');
    if (source === 'gift_card') setItem(method, 'amount', subtract(getItem(method, 'amount'), getItem(payment, 'amount'), '-='));
    // A certificate is used up, whatever was left on it.
    if (source === 'certificate' && methods instanceof Map) methods.delete(String(id));
  }
}
