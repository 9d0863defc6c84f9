/** Errors over HTTP: RFC 9457 problem details, with our code. */
import { z } from 'zod';

export const problem = z.looseObject({
  type: z.string().describe('urn:runledger:problem:<code>'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('What was found, what was expected, and what to try.'),
  code: z.string().describe('noun/reason'),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problem>;

/** Every code that the API answers with, and its status. */
export const PROBLEMS = {
  'request/invalid': { status: 400, title: 'The request does not fit its schema' },
  'request/not-json': { status: 400, title: 'The body is not JSON' },
  'request/too-large': { status: 413, title: 'The request is too large' },
  'request/media-type': { status: 415, title: 'The body must be application/json' },
  'request/unknown-route': { status: 404, title: 'There is no such route' },
  'request/method': { status: 405, title: 'The route does not take this method' },
  'key/missing': { status: 401, title: 'An API key is needed' },
  'key/unknown': { status: 401, title: 'The API key is not known' },
  'agent/unknown': { status: 404, title: 'There is no such agent' },
  'run/unknown': { status: 404, title: 'There is no such run' },
  'run/key-reused': { status: 409, title: 'The key stands for a run with another request' },
  'run/ended': { status: 409, title: 'The run has ended' },
  'run/single-turn': { status: 409, title: 'The run takes no further input' },
  'run/cancelling': { status: 409, title: 'The run is being cancelled' },
  'run/not-paused': { status: 409, title: 'The run is not paused' },
  'run/inputs-exceeded': { status: 409, title: 'The run has taken as many inputs as its agent allows' },
  'effect/not-unknown': { status: 409, title: 'The effect is not waiting for reconciliation' },
  'payload/too-large': { status: 413, title: 'The content does not fit into a record of the log' },
  'platform/busy': { status: 503, title: 'The platform has too much work waiting' },
  'platform/unavailable': { status: 503, title: 'The platform cannot take this now' },
  'view/unavailable': { status: 503, title: 'The view cannot be read now' },
  'internal/error': { status: 500, title: 'Something went wrong here' },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;
