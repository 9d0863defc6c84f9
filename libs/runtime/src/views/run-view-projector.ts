/**
 * Keeps the rows that clients list in step with the log. Runs never wait for it: while its database is away, or slow, it
 * falls behind, and reads the log itself once it can go on. What it follows in memory and what it reads come to the same.
 */
import { type RunView } from '@runledger/contracts';
import { viewOf, type Run } from '@runledger/domain';
import { BEGINNING, LogError, TRANSITION_SCHEMA, confirmPosition, decodeRecord, judge, type Hash, type Log, type Position } from '@runledger/event-sourcing';
import { type Engine } from '../engine.ts';
import { type Clock, type EngineReport } from '../ports.ts';
import { iso } from '../run-service.ts';

/** Where the rows are kept; position and rows change together or not at all. */
export interface RunViewSink {
  positions(): Promise<ReadonlyMap<number, Position>>;
  advance(partition: number, from: Position, to: Position, views: readonly RunView[]): Promise<void>;
}

export interface ProjectorParts {
  readonly engine: Engine;
  readonly log: Log;
  readonly sink: RunViewSink;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly report: (line: EngineReport) => void;
}

const FLUSH_EVERY_MS = 100;
const RETRY_MS = 1_000;
/** Runs that may wait in memory for their row; with more, the projector reads the log instead. */
const TOUCHED_RUNS_MAX = 20_000;
const READ_LIMITS = { recordsMax: 5_000, bytesMax: 8_000_000 };

interface Follower {
  readonly partition: number;
  /** What the rows stand for; undefined before they were asked. */
  at: Position | undefined;
  /** The log has to be read before what comes in can be followed. */
  behind: boolean;
  touched: Map<string, { readonly tenant: string; readonly state: Run }>;
}

export class RunViewProjector {
  readonly #parts: ProjectorParts;
  readonly #followers: readonly Follower[];
  #stopped = false;
  #reported: string | undefined;
  #working: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;

  constructor(parts: ProjectorParts) {
    this.#parts = parts;
    this.#followers = Array.from({ length: parts.log.partitions }, (_, partition) => ({ partition, at: undefined, behind: true, touched: new Map() }));
  }

  start(): void {
    this.#unsubscribe = this.#parts.engine.follow(({ partition, run, tenant }, state) => {
      const follower = this.#followers[partition];
      if (follower === undefined || follower.behind) return;
      follower.touched.set(run, { tenant, state });
      if (follower.touched.size > TOUCHED_RUNS_MAX) fallBehind(follower);
    });
    this.#schedule(0);
  }

  /** Ends after what is being written. What has not been written by then is read from the log next time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    await this.#working;
  }

  /** Resolves once the rows stand for everything accepted before this call; bounded by `timeoutMs`. */
  async caughtUp(timeoutMs: number): Promise<boolean> {
    const until = this.#parts.clock.now() + timeoutMs;
    const targets = this.#followers.map(({ partition }) => this.#end(partition) - 1);
    while (this.#followers.some(({ at }, k) => (at?.offset ?? -1) < (targets[k] ?? -1))) {
      if (this.#parts.clock.now() > until) return false;
      await new Promise<void>((resolve) => this.#parts.clock.after(20, resolve));
    }
    return true;
  }

  #end(partition: number): number {
    return this.#parts.engine.status()[partition]?.end ?? 0;
  }

  #schedule(delayMs: number): void {
    this.#parts.clock.after(delayMs, () => {
      if (this.#stopped) return;
      this.#working = this.#step().then(
        () => {
          this.#reported = undefined;
          this.#schedule(FLUSH_EVERY_MS);
        },
        (error: unknown) => {
          this.#failed(error);
          this.#schedule(RETRY_MS);
        },
      );
    });
  }

  #failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.#reported) return;
    this.#reported = message;
    this.#parts.report({ level: 'warn', code: 'view/behind', message: `The list of runs is not brought up to date: ${message} Runs go on without it.` });
  }

  async #step(): Promise<void> {
    for (const follower of this.#followers) {
      if (this.#parts.engine.status()[follower.partition]?.state !== 'open') continue;
      try {
        if (follower.behind) await this.#catchUp(follower);
        else await this.#flush(follower);
      } catch (error) {
        fallBehind(follower);
        throw error;
      }
    }
  }

  async #flush(follower: Follower): Promise<void> {
    const { partition, at } = follower;
    const to = this.#parts.engine.positionOf(partition)?.position;
    if (at === undefined || to === undefined || to.offset <= at.offset) return;
    const { touched } = follower;
    follower.touched = new Map();
    const views = [...touched].flatMap(([run, { tenant, state }]) => viewOf({ run, tenant }, state, iso) ?? []);
    await this.#parts.sink.advance(partition, at, to, views);
    follower.at = to;
  }

  async #catchUp(follower: Follower): Promise<void> {
    const { partition } = follower;
    const { log, hash, sink, engine } = this.#parts;
    const stored = (await sink.positions()).get(partition) ?? BEGINNING;
    await confirmPosition(log, partition, stored, hash);
    let at = stored;
    while (at.offset < this.#end(partition) - 1) {
      const page = await readTouched(log, partition, at, hash);
      if (page === undefined) break;
      const views: RunView[] = [];
      for (const run of page.runs) {
        const found = await engine.runs.find(run);
        const view = found === undefined ? undefined : viewOf(found, found.state, iso);
        if (view !== undefined) views.push(view);
      }
      await sink.advance(partition, at, page.to, views);
      at = page.to;
    }
    follower.at = at;
    follower.touched = new Map();
    follower.behind = at.offset < this.#end(partition) - 1;
  }
}

function fallBehind(follower: Follower): void {
  follower.behind = true;
  follower.touched = new Map();
}

/** The runs that the next accepted records touch; undefined at the end of the log. */
async function readTouched(log: Log, partition: number, at: Position, hash: Hash): Promise<{ readonly runs: ReadonlySet<string>; readonly to: Position } | undefined> {
  const page = await log.read(partition, at.offset + 1, READ_LIMITS);
  const last = page.at(-1);
  if (last === undefined) return undefined;
  const runs = new Set<string>();
  let { fence } = at;
  for (const { offset, body } of page) {
    const record = decodeRecord(body, { partition, offset });
    const verdict = judge(fence, record);
    if (!verdict.accepted) continue;
    fence = verdict.fence;
    if (record.schema === TRANSITION_SCHEMA) runs.add(record.run);
  }
  if (last.offset <= at.offset) throw new LogError('log/misuse', `The log of partition ${partition} answered offset ${last.offset} when asked for what comes after ${at.offset}.`);
  return { runs, to: { offset: last.offset, fence, digest: hash(last.body) } };
}
