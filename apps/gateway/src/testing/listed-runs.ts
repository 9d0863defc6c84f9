/** A list of runs in memory, in the place of Postgres: it can be taken away. */
import { type RunView } from '@runledger/contracts';
import { type RunList, type RunListFilter } from '../runs/run-list.ts';

export class ListedRuns implements RunList {
  readonly views = new Map<string, RunView>();
  readonly offsets = new Map<number, { offset: number }>();
  /** What every call throws, while there is something. */
  fault: Error | undefined;

  async list(tenant: string, { status, agent, limit, cursor }: RunListFilter) {
    if (this.fault !== undefined) throw this.fault;
    if (cursor !== undefined && !/^\d+$/.test(cursor)) throw codedError('view/bad-cursor', 'no such cursor');
    const from = Number(cursor ?? 0);
    const all = [...this.views.values()]
      .filter((view) => view.tenant === tenant && (status === undefined || view.status === status) && (agent === undefined || view.agent.name === agent))
      .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    return { runs: all.slice(from, from + limit), ...(all.length > from + limit ? { next: String(from + limit) } : {}) };
  }

  async positions() {
    if (this.fault !== undefined) throw this.fault;
    return this.offsets;
  }
}

export function codedError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
