import { type ServerResponse } from 'node:http';
import { Controller, Inject, Param, Query, Res } from '@nestjs/common';
import { listRunsQuery, runReference, startRunRequest, waitQuery, type StartRunRequest } from '@runledger/contracts';
import { JsonBody } from '@runledger/nest-kit';
import { type z } from 'zod';
import { told } from '../api/answer.ts';
import { Who, type Caller } from '../api/caller.ts';
import { IdempotencyKey, oneKey } from '../api/idempotency.ts';
import { Operation } from '../api/operation.ts';
import { RUN_LIST, RUN_REQUESTS } from '../api/tokens.ts';
import { type RunListFilter, type RunListing } from './run-list.ts';
import { type RunRequests } from './run-requests.ts';

type Wait = z.infer<typeof waitQuery>;

@Controller()
export class RunsController {
  readonly #requests: RunRequests;
  readonly #listing: RunListing;

  constructor(@Inject(RUN_REQUESTS) requests: RunRequests, @Inject(RUN_LIST) listing: RunListing) {
    this.#requests = requests;
    this.#listing = listing;
  }

  @Operation('startRun')
  async start(@Who() caller: Caller, @Query({ schema: waitQuery }) { wait }: Wait, @IdempotencyKey() key: string | undefined, @JsonBody({ schema: startRunRequest }) body: StartRunRequest, @Res({ passthrough: true }) response: ServerResponse) {
    return told(response, await this.#requests.start(caller, body, oneKey(body.id, key), wait));
  }

  @Operation('listRuns')
  list(@Who() caller: Caller, @Query({ schema: listRunsQuery }) filter: RunListFilter) {
    return this.#listing.page(caller, filter);
  }

  @Operation('getRun')
  get(@Who() caller: Caller, @Param('run', { schema: runReference }) run: string, @Query({ schema: waitQuery }) { wait }: Wait) {
    return this.#requests.get(caller, run, wait);
  }
}
