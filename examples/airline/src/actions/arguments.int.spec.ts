import { describe, expect, it } from 'vitest';
import { shippedData } from '../database/airline-data.ts';
import { DatabaseView } from '../database/database-view.ts';
import { actions, invokeAction } from './invoke.ts';

const nothingChanged = { read: () => undefined };
const call = (name: string, argumentsText: string) => invokeAction(new DatabaseView(shippedData(), nothingChanged), name, argumentsText);
const outputOf = (name: string, given: unknown) => call(name, JSON.stringify(given)).output;

/** A user with two certificates and two credit cards. */
const user = 'mia_li_3668';
const booking = {
  user_id: user,
  origin: 'JFK',
  destination: 'SEA',
  flight_type: 'one_way',
  cabin: 'economy',
  flights: [{ flight_number: 'HAT136', date: '2024-05-20' }],
  passengers: [{ first_name: 'Mia', last_name: 'Li', dob: '1990-04-05' }],
  payment_methods: [{ payment_id: 'credit_card_4421486', amount: 1 }],
  total_baggages: 0,
  nonfree_baggages: 0,
  insurance: 'no',
};

describe('a call whose arguments do not fit', () => {
  it('is answered with the exception that Python raised', () => {
    expect(outputOf('get_user_details', {})).toBe("Error: GetUserDetails.invoke() missing 1 required positional argument: 'user_id'");
    expect(outputOf('send_certificate', {})).toBe(
      "Error: SendCertificate.invoke() missing 2 required positional arguments: 'user_id' and 'amount'",
    );
    expect(outputOf('search_direct_flight', {})).toBe(
      "Error: SearchDirectFlight.invoke() missing 3 required positional arguments: 'origin', 'destination', and 'date'",
    );
    expect(outputOf('think', { thought: '', mood: '', hunch: '' })).toBe("Error: Think.invoke() got an unexpected keyword argument 'mood'");
    expect(outputOf('think', { data: 1 })).toBe(
      "Error: tau_bench.envs.airline.tools.think.Think.invoke() got multiple values for keyword argument 'data'",
    );
    expect(outputOf('think', [1])).toBe(
      'Error: tau_bench.envs.airline.tools.think.Think.invoke() argument after ** must be a mapping, not list',
    );
    expect(call('think', '{"thought": ').output).toBe('Error: Expecting value: line 1 column 13 (char 12)');
  });

  it('is answered by type, where the type was what failed', () => {
    expect(outputOf('get_user_details', { user_id: [] })).toBe("Error: unhashable type: 'list'");
    expect(outputOf('get_user_details', { user_id: 7 })).toBe('Error: user not found');
    expect(outputOf('book_reservation', { ...booking, flights: null })).toBe("Error: 'NoneType' object is not iterable");
    expect(outputOf('book_reservation', { ...booking, flights: 'HAT136' })).toBe("Error: string indices must be integers, not 'str'");
    expect(outputOf('book_reservation', { ...booking, flights: [{}] })).toBe("Error: 'flight_number'");
    expect(outputOf('book_reservation', { ...booking, cabin: "captain's" })).toBe('Error: "captain\'s"');
    expect(outputOf('book_reservation', { ...booking, passengers: 1 })).toBe("Error: object of type 'int' has no len()");
    expect(outputOf('book_reservation', { ...booking, nonfree_baggages: '1' })).toBe(
      "Error: unsupported operand type(s) for +=: 'int' and 'str'",
    );
    expect(outputOf('book_reservation', { ...booking, payment_methods: [{ payment_id: 'certificate_7504069', amount: '250' }] })).toBe(
      "Error: '<' not supported between instances of 'int' and 'str'",
    );
    expect(outputOf('search_onestop_flight', { origin: 'ATL', destination: 'ATL', date: 'May x' })).toBe(
      "Error: invalid literal for int() with base 10: ' x'",
    );
  });

  it('changes nothing', () => {
    // The first use of the certificate uses it up; that the second fails must not leave it used.
    const twice = { payment_id: 'certificate_7504069', amount: 0 };
    const free = { ...booking, flights: [], payment_methods: [twice, twice] };
    expect(call('book_reservation', JSON.stringify(free))).toEqual({ output: "Error: 'certificate_7504069'", edits: [] });
  });
});

describe('a number in the arguments', () => {
  const owing = (payment: string) => call('book_reservation', JSON.stringify(booking).replace('"amount":1', `"amount":${payment}`)).output;

  it('is printed as the model wrote it', () => {
    expect(owing('250')).toMatch(/total price is \d+, but paid 250$/);
    expect(owing('250.0')).toMatch(/total price is \d+, but paid 250\.0$/);
    expect(call('send_certificate', `{"user_id": "${user}", "amount": 1e2}`).output).toBe(
      `Certificate certificate_3221322 added to user ${user} with amount 100.0.`,
    );
  });

  it('keeps its kind in the database', () => {
    const price = /total price is (\d+)/.exec(owing('1'))?.[1];
    const { output, edits } = call('book_reservation', JSON.stringify(booking).replace('"amount":1', `"amount":${price}.0`));
    expect(output).toContain(`"payment_history": [{"payment_id": "credit_card_4421486", "amount": ${price}.0}]`);
    expect(edits.map(({ kind, id }) => [kind, id])).toEqual([
      ['user', user],
      ['reservation', 'HATHAT'],
    ]);
  });
});

describe('a fourth certificate', () => {
  it('has no answer in the original, and changes nothing', () => {
    const owner = shippedData().users.get(user);
    const full = new Map(['certificate_3221322', 'certificate_3221323', 'certificate_3221324'].map((id) => [id, null]));
    const overlay = { read: () => owner && new Map(owner).set('payment_methods', full) };
    const outcome = invokeAction(new DatabaseView(shippedData(), overlay), 'send_certificate', `{"user_id": "${user}", "amount": 1}`);
    expect(outcome).toEqual({ output: 'None', edits: [] });
  });
});

describe('an unknown action', () => {
  it('is named', () => {
    expect(call('fly_me_to_the_moon', 'not even JSON')).toEqual({ output: 'Unknown action fly_me_to_the_moon', edits: [] });
    expect(actions.size).toBe(14);
  });
});
