/** Gives a user a certificate. */
import { getItem, hasKey, setItem } from '../python/operations.ts';
import { pythonStr } from '../python/text.ts';
import type { PythonValue } from '../python/values.ts';
import { defineAction } from './action.ts';

const certificateIds = ['certificate_3221322', 'certificate_3221323', 'certificate_3221324'];

export const sendCertificate = defineAction({
  name: 'send_certificate',
  parameters: ['user_id', 'amount'],
  writes: true,
  run(database, { user_id, amount }) {
    const user = database.find('user', user_id);
    if (user === undefined) return 'Error: user not found';
    const id = certificateIds.find((candidate) => !hasKey(getItem(user, 'payment_methods'), candidate));
    // The original has no answer for a fourth certificate: its function ends without a value.
    if (id === undefined) return 'None';
    const certificate = new Map<string, PythonValue>([
      ['source', 'certificate'],
      ['amount', amount],
      ['id', id],
    ]);
    setItem(getItem(database.edit('user', user_id), 'payment_methods'), id, certificate);
    return `Certificate ${id} added to user ${pythonStr(user_id)} with amount ${pythonStr(amount)}.`;
  },
});
