/** How a change of a reservation is paid: with one method of its owner, which is no certificate. */
import type { DatabaseView } from '../database/database-view.ts';
import { appendAll, equals, getItem, hasKey, isLess, setItem, subtract } from '../python/operations.ts';
import type { PythonDict, PythonValue } from '../python/values.ts';

export interface UpdatePayment {
  readonly paymentId: PythonValue;
  /** Negative for money that goes back. */
  readonly amount: PythonValue;
}

/** Returns why it cannot be paid so, or undefined. */
export function checkUpdatePayment(database: DatabaseView, reservation: PythonDict, payment: UpdatePayment): string | undefined {
  const { paymentId, amount } = payment;
  const methods = getItem(database.ownerOf(reservation), 'payment_methods');
  if (!hasKey(methods, paymentId)) return 'Error: payment method not found';
  const method = getItem(methods, paymentId);
  const source = getItem(method, 'source');
  if (source === 'certificate') return 'Error: certificate cannot be used to update reservation';
  if (source === 'gift_card' && isLess(getItem(method, 'amount'), amount)) return 'Error: gift card balance is not enough';
  return undefined;
}

/** To be called after the check. Changes the gift card, if it is one, and the reservation's history. */
export function payUpdate(database: DatabaseView, reservation: PythonDict, { paymentId, amount }: UpdatePayment): void {
  const methods = getItem(database.ownerOf(reservation), 'payment_methods');
  if (getItem(getItem(methods, paymentId), 'source') === 'gift_card') {
    const owner = database.edit('user', getItem(reservation, 'user_id'));
    const card = getItem(getItem(owner, 'payment_methods'), paymentId);
    setItem(card, 'amount', subtract(getItem(card, 'amount'), amount, '-='));
  }
  if (equals(amount, 0n)) return;
  const payment: PythonDict = new Map([
    ['payment_id', paymentId],
    ['amount', amount],
  ]);
  appendAll(getItem(reservation, 'payment_history'), 'append', [payment]);
}
