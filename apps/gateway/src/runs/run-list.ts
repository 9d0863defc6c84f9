/** The list of runs, from a view that lags behind the log and says how far. */
import { type listRunsQuery, type RunPage, type RunView } from '@runledger/contracts';
import { ProblemError } from '@runledger/nest-kit';
import { type z } from 'zod';
import { type Caller } from '../api/caller.ts';
import { type PartitionEnd, type Partitions } from './run-lookup.ts';

export type RunListFilter = z.infer<typeof listRunsQuery>;

/**
 * Where the list is read. What it throws has a `code`: `view/bad-cursor` for a cursor that is none; `view/unavailable`
 * and `view/newer-version` while it cannot be read. Anything else is a defect.
 */
export interface RunList {
  /** A tenant's runs, newest first. */
  list(tenant: string, filter: RunListFilter): Promise<{ readonly runs: readonly RunView[]; readonly next?: string }>;
  /** Per partition, the last record of the log that the list has taken in; those of which it has nothing are left out. */
  positions(): Promise<ReadonlyMap<number, { readonly offset: number }>>;
}

export class RunListing {
  readonly #list: RunList;
  readonly #partitions: Partitions;

  constructor(list: RunList, partitions: Partitions) {
    this.#list = list;
    this.#partitions = partitions;
  }

  async page(caller: Caller, filter: RunListFilter): Promise<RunPage> {
    try {
      // Positions first: the rows read after them are at least as new.
      const positions = await this.#list.positions();
      const { runs, next } = await this.#list.list(caller.tenant, filter);
      return { runs: [...runs], ...(next === undefined ? {} : { next }), current: this.#partitions().map((partition) => currentOf(partition, positions)) };
    } catch (error) {
      throw problemOfList(error);
    }
  }
}

/** An offset of -1: nothing of the partition has been read. */
function currentOf({ partition, end }: PartitionEnd, positions: ReadonlyMap<number, { readonly offset: number }>): RunPage['current'][number] {
  const offset = positions.get(partition)?.offset ?? -1;
  return { partition, offset, behind: Math.max(0, end - offset - 1) };
}

function problemOfList(error: unknown): unknown {
  switch ((error as { code?: unknown } | undefined)?.code) {
    case 'view/bad-cursor': return new ProblemError('request/invalid', 'The cursor is none that a page of this list ended with. Pass on `next` unchanged, or leave it out for the first page.', { errors: [{ path: 'query.cursor', message: 'is not one that was given out' }], cause: error });
    case 'view/unavailable': case 'view/newer-version': return new ProblemError('view/unavailable', 'The list of runs cannot be read now. Runs go on, and each can be read by its id.', { cause: error });
    default: return error;
  }
}
