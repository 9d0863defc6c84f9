/**
 * What the recorded histories tell: commands as they came, some ms after the one before. Together they have every event.
 * A history that was recorded is never recorded anew; a new event, or a new version of one, gets a story of its own.
 */
import type { AgentBriefing, AgentPolicy, Failure, RunCommand, ToolCall, ToolPolicy } from '@runledger/contracts';
import { lose, modelAnswers, modelFails, pause, provide, reconcileApplied, resume, toolAnswers, toolFails } from './commands.ts';

export interface Story {
  readonly name: string;
  readonly about: string;
  readonly commands: readonly { readonly afterMs: number; readonly actor: string; readonly command: RunCommand }[];
}

const CUSTOMER = 'user:ann';
const OPERATOR = 'user:ops';
const OWNER = 'system:owner';

const tool = (name: string, effect: ToolPolicy['effect'], more: Partial<ToolPolicy> = {}): ToolPolicy => ({ name, version: `${name}-7c1e`, effect, timeoutMs: 20_000, ...more });
const TOOLS = [tool('search_flights', 'none'), tool('book_flight', 'once'), tool('refund_ticket', 'idempotent'), tool('send_note', 'idempotent', { repeatable: true }), tool('transfer_to_person', 'once', { endsRun: true })];

const BRIEFING: AgentBriefing = {
  instructions: 'You are the desk of an airline. Book only what the traveller has confirmed.',
  tools: TOOLS.map(({ name }) => ({ name, description: `${name.replaceAll('_', ' ')}.`, inputSchema: { type: 'object', properties: { id: { type: 'string' } }, additionalProperties: true } })),
};

const airline = (turns: AgentPolicy['turns'], limits: Partial<AgentPolicy['limits']> = {}): AgentPolicy => ({
  name: 'airline-desk', version: 'b3d1c0ffee', turns, model: { provider: 'scripted', name: 'scripted-1', temperature: 0 }, tools: TOOLS, unknownToolText: 'Error: there is no tool {tool}.',
  limits: { modelCallsMax: 20, stepsMax: 100, toolCallsPerTurnMax: 8, toolCallsMax: 50, inputsMax: 20, attemptsMax: 3, modelTimeoutMs: 60_000, ...limits },
});

const starts = (agent: AgentPolicy, input: string, more: object = {}): RunCommand => ({ type: 'StartRun', agent, briefing: BRIEFING, input, ...more });
const calls = (...asked: readonly [name: string, args: object][]): readonly ToolCall[] => asked.map(([name, args], k) => ({ id: `call_${k + 1}`, tool: name, arguments: JSON.stringify(args) }));
const says = (text: string) => ({ text });
const asks = (...asked: readonly [name: string, args: object][]) => ({ text: null, toolCalls: [...calls(...asked)] });
const failed = (failureClass: Failure['class'], origin: Failure['origin'], code: string, message: string, more: Partial<Failure> = {}): Failure => ({ class: failureClass, origin, code, message, ...more });
const by = (actor: string, afterMs: number, command: RunCommand) => ({ actor, afterMs, command });
const timers = (afterMs: number) => by(OWNER, afterMs, { type: 'FireTimers' });

const BOOKING: Story = {
  name: 'booking-conversation', about: 'A traveller books a flight over several turns, and says goodbye. One tool is not known.',
  commands: [
    by(CUSTOMER, 0, starts(airline('many', { deadlineMs: 3_600_000 }), 'I need to get to Oslo on Friday.', { key: 'conversation-881', metadata: { channel: 'web', vip: true } })),
    by(OWNER, 812, modelAnswers(1, asks(['search_flights', { to: 'OSL', on: '2026-01-16' }], ['check_weather', { at: 'OSL' }]), { usage: { inputTokens: 412, outputTokens: 38 } })),
    by(OWNER, 140, toolAnswers(2, '[{"flight":"RL201","at":"09:20","seats":4}]')),
    by(OWNER, 655, modelAnswers(4, says('RL201 leaves at 09:20. Shall I book it?'), { usage: { inputTokens: 520, outputTokens: 21, cacheReadTokens: 400 } })),
    by(CUSTOMER, 9_000, provide('Yes', 'message-2')),
    by(OWNER, 701, modelAnswers(5, asks(['book_flight', { flight: 'RL201', seat: 'any' }]))),
    by(OWNER, 1_240, toolAnswers(6, 'Booked: RL201, seat 14C.')),
    by(OWNER, 590, modelAnswers(7, says('Booked: RL201, seat 14C. Anything else?'))),
    by(CUSTOMER, 4_000, provide('No, thanks!', 'message-3', true)),
  ],
};

const FAULTS: Story = {
  name: 'refund-under-faults', about: 'The provider is busy, a worker is lost, a refund takes too long and its result comes late; equal calls join; in the end the run needs more model calls than its agent allows.',
  commands: [
    by(CUSTOMER, 0, starts(airline('single', { modelCallsMax: 2 }), 'Refund ticket T-9, please.')),
    by(OWNER, 90, modelFails(1, failed('rate_limited', 'model', 'provider/rate-limited', 'Too many requests.', { retryAfterMs: 2_000 }), { jitter: 0.25 })),
    timers(2_000),
    by(OWNER, 700, modelAnswers(1, asks(['refund_ticket', { ticket: 'T-9' }], ['refund_ticket', { ticket: 'T-9' }], ['search_flights', { ticket: 'T-9' }]), { attempt: 2 })),
    by(OWNER, 300, lose([4, 1])),
    by(OWNER, 500, toolAnswers(4, '[]', 2)),
    timers(20_000),
    by(OWNER, 100, toolAnswers(2, 'Refunded 120.00 EUR.')),
    timers(900),
    by(OWNER, 400, toolAnswers(2, 'Refunded 120.00 EUR.', 2)),
    by(OWNER, 600, modelAnswers(5, asks(['send_note', { to: 'ann' }], ['send_note', { to: 'ann' }]))),
    by(OWNER, 200, toolFails(6, failed('validation', 'tool', 'note/no-address', 'Nobody is called ann.'))),
    by(OWNER, 10, toolAnswers(7, 'Sent.')),
  ],
};

const DOUBT: Story = {
  name: 'booking-in-doubt', about: 'A worker is lost while it books. The run is paused, a person finds the booking, and the traveller is handed to a person.',
  commands: [
    by(CUSTOMER, 0, starts(airline('single'), 'Book RL201 and pass me to somebody.', { metadata: { channel: 'phone', waited: 12.5 } })),
    by(OWNER, 640, modelAnswers(1, asks(['book_flight', { flight: 'RL201' }]), { usage: { inputTokens: 300, outputTokens: 20, reasoningTokens: 64, cacheWriteTokens: 280 } })),
    by(OWNER, 5_000, lose([2, 1])),
    by(OPERATOR, 30_000, pause('Looking into the booking.')),
    by(OPERATOR, 60_000, reconcileApplied(2, 'Booked: RL201, seat 3A.')),
    by(OPERATOR, 1_000, resume()),
    by(OWNER, 700, modelAnswers(3, asks(['transfer_to_person', { summary: 'Booked RL201.' }]))),
    by(OWNER, 80, toolAnswers(4, 'Transferred.')),
  ],
};

const CANCELLED: Story = {
  name: 'cancelled-in-doubt', about: 'A run is cancelled while two bookings are under way. One worker cannot say what became of its call until later; the answer of a model call given up before costs all the same.',
  commands: [
    by(CUSTOMER, 0, starts(airline('many'), 'Book RL201 and RL202.')),
    timers(60_000),
    timers(375),
    by(OWNER, 300, modelAnswers(1, says('A late answer.'), { usage: { inputTokens: 80, outputTokens: 4 } })),
    by(OWNER, 300, modelAnswers(1, asks(['book_flight', { flight: 'RL201' }], ['book_flight', { flight: 'RL202' }]), { attempt: 2 })),
    by(CUSTOMER, 1_000, provide('Wait, stop!', 'message-2')),
    by(CUSTOMER, 1_000, { type: 'CancelRun', reason: 'The traveller changed their mind.' }),
    by(OWNER, 500, toolAnswers(2, 'Booked: RL201, seat 9F.')),
    by(OWNER, 500, toolFails(3, failed('timeout', 'tool', 'booking/timeout', 'The booking system did not answer.'), { outcomeUnknown: true })),
    by(OWNER, 9_000, toolFails(3, failed('validation', 'tool', 'booking/full', 'RL202 is full.'), { outcomeUnknown: false })),
  ],
};

const EXPIRED: Story = {
  name: 'out-of-time', about: 'A run waits for an input that does not come before its deadline.',
  commands: [
    by(CUSTOMER, 0, starts(airline('many', { deadlineMs: 120_000 }), 'Hello?')),
    by(OWNER, 480, modelAnswers(1, says('Hello! Where do you want to go?'))),
    timers(119_520),
  ],
};

export const STORIES: readonly Story[] = [BOOKING, FAULTS, DOUBT, CANCELLED, EXPIRED];
