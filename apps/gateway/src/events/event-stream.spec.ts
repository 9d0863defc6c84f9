import { type CloudEvent } from '@runledger/contracts';
import { describe, expect, it } from 'vitest';
import { type EventText } from './event-reader.ts';
import { streamEvents, type FollowedRun } from './event-stream.ts';
import { type SseWriter } from './sse-writer.ts';

/** A run in the reader's hands: `beforeView` and `afterView` are done just before and after its state is looked at. */
class ScriptedRun implements FollowedRun {
  sequence: number;
  status: 'running' | 'completed' = 'running';
  /** Events up to here can be read. */
  readable = Infinity;
  beforeView: () => void = () => undefined;
  afterView: () => void = () => undefined;
  reads = 0;
  readonly watching = new Set<() => void>();

  constructor(sequence: number) {
    this.sequence = sequence;
  }

  add(count: number, status: 'running' | 'completed' = 'running'): void {
    this.sequence += count;
    this.status = status;
    for (const notify of this.watching) notify();
  }

  read = async (after: number, max: number): Promise<readonly CloudEvent[]> => {
    this.reads += 1;
    const to = Math.min(this.sequence, this.readable, after + max);
    return Array.from({ length: Math.max(0, to - after) }, (_, k) => ({ type: 'runledger.run.X', sequence: after + k + 1 }) as unknown as CloudEvent);
  };

  view = async () => {
    this.beforeView();
    const { status, sequence } = this;
    this.afterView();
    return { status, sequence };
  };

  watch = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => {
      this.watching.delete(stop);
      resolve();
    };
    this.watching.add(stop);
    return { changed: promise, stop };
  };
}

function followed(run: ScriptedRun, after = 0) {
  const written: number[] = [];
  const over = new AbortController();
  const write = async (texts: readonly EventText[]): Promise<boolean> => {
    written.push(...texts.map(({ sequence }) => sequence));
    return !over.signal.aborted;
  };
  const ended = streamEvents(run, after, { write } as unknown as SseWriter, over.signal);
  return { written, over, ended };
}

const numbered = (to: number) => Array.from({ length: to }, (_, k) => k + 1);
const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('following a run', () => {
  it('gives the events that came while its state was looked at, also when they were the last', async () => {
    const run = new ScriptedRun(3);
    run.beforeView = () => {
      run.beforeView = () => undefined;
      run.add(2, 'completed');
    };
    const { written, ended } = followed(run);
    await ended;
    expect(written).toEqual(numbered(5));
  });

  it('gives an event that came after its state was looked at, and before it waits', async () => {
    const run = new ScriptedRun(1);
    run.afterView = () => {
      run.afterView = () => undefined;
      run.add(1);
    };
    const { written, ended } = followed(run);
    await turns();
    expect(written).toEqual([1, 2]);
    run.add(1, 'completed');
    await ended;
    expect(written).toEqual(numbered(3));
    expect(run.watching.size).toBe(0);
  });

  it('does not turn in circles where the state is ahead of what can be read', async () => {
    const run = new ScriptedRun(5);
    run.readable = 3;
    const { written, ended } = followed(run);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(run.reads).toBeLessThan(12);
    run.readable = Infinity;
    run.add(0, 'completed');
    await ended;
    expect(written).toEqual(numbered(5));
  });

  it('ends when nobody listens any more, and watches no longer', async () => {
    const run = new ScriptedRun(1);
    const { written, over, ended } = followed(run);
    await turns();
    over.abort();
    await ended;
    expect(written).toEqual([1]);
    expect(run.watching.size).toBe(0);
  });
});
