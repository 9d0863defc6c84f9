/** The actions that read one record, or nothing at all. */
import { calculate } from '../calculator/calculate.ts';
import { jsonText } from '../python/json-text.ts';
import { defineAction } from './action.ts';

const cityOfAirport = new Map([
  ['SFO', 'San Francisco'],
  ['JFK', 'New York'],
  ['LAX', 'Los Angeles'],
  ['ORD', 'Chicago'],
  ['DFW', 'Dallas'],
  ['DEN', 'Denver'],
  ['SEA', 'Seattle'],
  ['ATL', 'Atlanta'],
  ['MIA', 'Miami'],
  ['BOS', 'Boston'],
  ['PHX', 'Phoenix'],
  ['IAH', 'Houston'],
  ['LAS', 'Las Vegas'],
  ['MCO', 'Orlando'],
  ['EWR', 'Newark'],
  ['CLT', 'Charlotte'],
  ['MSP', 'Minneapolis'],
  ['DTW', 'Detroit'],
  ['PHL', 'Philadelphia'],
  ['LGA', 'LaGuardia'],
]);

export const getUserDetails = defineAction({
  name: 'get_user_details',
  parameters: ['user_id'],
  writes: false,
  run(database, { user_id }) {
    const user = database.find('user', user_id);
    return user ? jsonText(user) : 'Error: user not found';
  },
});

export const getReservationDetails = defineAction({
  name: 'get_reservation_details',
  parameters: ['reservation_id'],
  writes: false,
  run(database, { reservation_id }) {
    const reservation = database.find('reservation', reservation_id);
    // The original says "user" here, and the recorded model read it.
    return reservation ? jsonText(reservation) : 'Error: user not found';
  },
});

export const listAllAirports = defineAction({
  name: 'list_all_airports',
  parameters: [],
  writes: false,
  run: () => jsonText(cityOfAirport),
});

export const calculateExpression = defineAction({
  name: 'calculate',
  parameters: ['expression'],
  writes: false,
  run: (_database, { expression }) => calculate(expression),
});

export const think = defineAction({
  name: 'think',
  parameters: ['thought'],
  writes: false,
  run: () => '',
});

export const transferToHumanAgents = defineAction({
  name: 'transfer_to_human_agents',
  parameters: ['summary'],
  writes: false,
  run: () => 'Transfer successful',
});
