/** Follows a run from a sequence to its last event. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FINAL_STATUSES, type RunView } from '@runledger/contracts';
import { EventReader, type ReadEvents } from './event-reader.ts';
import { type SseWriter } from './sse-writer.ts';

/** Where the state is ahead of what can be read, reading is tried again after a pause, not in a circle. */
const UNREADABLE_RETRY_MS = 50;

export interface FollowedRun {
  readonly read: ReadEvents;
  readonly view: () => Promise<Pick<RunView, 'status' | 'sequence'> | undefined>;
  /** `changed` resolves at the next event after this call, or at `stop`. */
  readonly watch: () => { readonly changed: Promise<void>; readonly stop: () => void };
}

/** Resolves when the run is final and all was written, or when the stream is over. */
export async function streamEvents(run: FollowedRun, after: number, writer: SseWriter, over: AbortSignal): Promise<void> {
  const reader = new EventReader(run.read, after);
  while (!over.aborted) {
    // Watched before it is read: what comes between the two is not missed.
    const watch = run.watch();
    over.addEventListener('abort', watch.stop);
    try {
      const before = reader.position;
      if (!(await catchUp(reader, writer))) return;
      const view = await run.view();
      if (view === undefined) return;
      if (reader.position < view.sequence) {
        if (reader.position === before) await sleep(UNREADABLE_RETRY_MS);
      } else if (FINAL_STATUSES.includes(view.status)) {
        return;
      } else if (!over.aborted) {
        await watch.changed;
      }
    } finally {
      over.removeEventListener('abort', watch.stop);
      watch.stop();
    }
  }
}

/** False if the stream is over. */
async function catchUp(reader: EventReader, writer: SseWriter): Promise<boolean> {
  for (;;) {
    const texts = await reader.next();
    if (texts.length === 0) return true;
    if (!(await writer.write(texts))) return false;
  }
}
