/** Where a page of runs ended: the last run's start and id, in a form that callers pass on unread. */
import { runId, runView } from '@runledger/contracts';
import { ViewError } from './view-error.ts';

export interface PageEnd {
  readonly startedAt: string;
  readonly id: string;
}

export function encodeCursor({ startedAt, id }: PageEnd): string {
  return Buffer.from(JSON.stringify([startedAt, id])).toString('base64url');
}

/** Throws `view/bad-cursor`. */
export function decodeCursor(cursor: string): PageEnd {
  const [startedAt, id] = listIn(cursor);
  const start = runView.shape.startedAt.safeParse(startedAt);
  const run = runId.safeParse(id);
  if (!start.success || !run.success) throw new ViewError('view/bad-cursor', 'The cursor is not one that a page of runs ended with. Pass on `next` unchanged, or leave it out to start from the first page.');
  return { startedAt: start.data, id: run.data };
}

function listIn(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) && value.length === 2 ? value : [];
  } catch {
    return [];
  }
}
