/**
 * Which records of a partition count. The log fences itself: every reader folds the same records with
 * these rules and comes to the same answer, whatever arrived late, twice, or from a writer that has lost.
 *
 * - `WriterStarted {writer, follows}` takes effect only if `follows` is in force at its place in the log,
 *   and if that writer has never been in force before.
 * - Any other record counts if its writer is in force and its `n` is one more than that writer's last.
 */
import { WRITER_STARTED_SCHEMA, type LogRecord } from './record.ts';

export interface Fence {
  /** The writer in force; null before the first. */
  readonly writer: string | null;
  /** The last accepted `n` of that writer; 0 right after it took effect. */
  readonly n: number;
  /** How many writers have taken effect. The "epoch", for people only. */
  readonly epoch: number;
}

export const NO_WRITER: Fence = { writer: null, n: 0, epoch: 0 };

/** Why a record does not count. Nothing of it may be folded, shown, or acted on. */
export type Ignored = 'stale-writer' | 'repeated' | 'gap' | 'late-claim';

export type Verdict =
  | { readonly accepted: true; readonly fence: Fence }
  | { readonly accepted: false; readonly reason: Ignored };

/** Judges the record at the place of the log that `fence` has come to. */
export function judge(fence: Fence, record: LogRecord): Verdict {
  if (record.schema === WRITER_STARTED_SCHEMA) {
    if (record.follows !== fence.writer || record.writer === fence.writer) return { accepted: false, reason: 'late-claim' };
    return { accepted: true, fence: { writer: record.writer, n: 0, epoch: fence.epoch + 1 } };
  }
  if (record.writer !== fence.writer) return { accepted: false, reason: 'stale-writer' };
  if (record.n <= fence.n) return { accepted: false, reason: 'repeated' };
  if (record.n !== fence.n + 1) return { accepted: false, reason: 'gap' };
  return { accepted: true, fence: { ...fence, n: record.n } };
}
