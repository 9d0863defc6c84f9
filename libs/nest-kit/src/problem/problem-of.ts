/** What a thrown error means to the caller. What is not listed here is a defect, and tells the caller nothing. */
import { HttpException } from '@nestjs/common';
import { LogError } from '@runledger/event-sourcing';
import { ProblemError } from './problem-error.ts';

/** Undefined for a defect. */
export function problemOf(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error instanceof LogError) return problemOfLog(error);
  if (error instanceof HttpException) return problemOfHttp(error);
  return undefined;
}

/**
 * The log's own words name files and offsets, which are the operator's business: they go to the operator's log.
 * A fault may have come after the write, so that nothing is promised about it.
 */
function problemOfLog(error: LogError): ProblemError | undefined {
  switch (error.code) {
    case 'log/misuse': return undefined;
    case 'log/record-too-large': return new ProblemError('payload/too-large', 'The content does not fit into one record of the log. Send less at once: a shorter input, fewer or shorter attributes.', { cause: error });
    case 'log/unavailable':
      if (error.where['waiting'] !== undefined) return new ProblemError('platform/busy', 'Too many commands wait for a decision. Nothing was done; try again shortly.', { cause: error });
      return unavailable(error);
    case 'log/truncated': case 'log/corrupt': case 'log/full': case 'log/read-only': case 'log/locked': case 'log/closed': case 'log/newer-version': case 'log/inbox-lost': return unavailable(error);
  }
}

const unavailable = (cause: LogError): ProblemError => new ProblemError('platform/unavailable', 'The event log does not take or give this now. Try again shortly; what carries an id or an Idempotency-Key is done at most once.', { cause });

/** What Nest and Express throw themselves, before a handler is reached. */
function problemOfHttp(error: HttpException): ProblemError | undefined {
  if (error.getStatus() === 400) return new ProblemError('request/invalid', 'The path cannot be decoded. Write every character outside of ASCII, and every %, as %XX of its UTF-8 bytes.', { cause: error });
  if (error.getStatus() === 404) return new ProblemError('request/unknown-route', 'There is no such route. The API begins with /v1; see its OpenAPI document.', { cause: error });
  return undefined;
}
