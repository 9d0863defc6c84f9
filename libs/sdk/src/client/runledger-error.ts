/** What the platform, or the way to it, answered instead of what was asked for. */
import { problem as problemSchema, type Problem, type ProblemCode } from '@runledger/contracts';

/**
 * `platform/unreachable`: no answer, after the tries that were allowed · `platform/timeout`: no answer in time ·
 * `response/unexpected`: an answer that is none of this API's; is the URL right? · `request/invalid`: refused before it was sent.
 */
export type ClientErrorCode = 'platform/unreachable' | 'platform/timeout' | 'response/unexpected' | 'request/invalid';

/** `status` and `problem` are undefined where the platform did not answer. */
export class RunledgerError extends Error {
  override readonly name = 'RunledgerError';
  readonly code: ProblemCode | ClientErrorCode | (string & {});
  readonly status: number | undefined;
  readonly problem: Problem | undefined;

  constructor(code: string, message: string, facts: { status?: number | undefined; problem?: Problem | undefined; cause?: unknown } = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.status = facts.status;
    this.problem = facts.problem;
  }
}

const SHOWN_CHARACTERS = 300;

/** The error that a response with a status above 299 stands for. Its body is read. */
export async function errorOf(response: Response, asked: string): Promise<RunledgerError> {
  const text = await response.text().catch(() => '');
  const found = problemSchema.safeParse(parsed(text));
  if (found.success) {
    const { code, title, detail } = found.data;
    return new RunledgerError(code, `${asked}: ${title}. ${detail}`, { status: response.status, problem: found.data });
  }
  const shown = text === '' ? 'an empty body' : JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
  return new RunledgerError('response/unexpected', `${asked}: found status ${response.status} with ${shown}, expected problem details. Is the URL that of a Runledger gateway?`, { status: response.status });
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
