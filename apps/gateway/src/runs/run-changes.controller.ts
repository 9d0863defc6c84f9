import { type ServerResponse } from 'node:http';
import { Controller, Inject, Param, Query, Res } from '@nestjs/common';
import { provideInputRequest, reasonRequest, reconcileRequest, runReference, waitQuery } from '@runledger/contracts';
import { JsonBody } from '@runledger/nest-kit';
import { newId } from '@runledger/runtime';
import { z } from 'zod';
import { told } from '../api/answer.ts';
import { Who, type Caller } from '../api/caller.ts';
import { IdempotencyKey, oneKey } from '../api/idempotency.ts';
import { Operation } from '../api/operation.ts';
import { RUN_REQUESTS } from '../api/tokens.ts';
import { type RunRequests } from './run-requests.ts';

type Input = z.infer<typeof provideInputRequest>;
type Reason = z.infer<typeof reasonRequest>;
type Reconciled = z.infer<typeof reconcileRequest>;

const reason = reasonRequest.default({});
const step = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);

@Controller()
export class RunChangesController {
  readonly #requests: RunRequests;

  constructor(@Inject(RUN_REQUESTS) requests: RunRequests) {
    this.#requests = requests;
  }

  @Operation('provideInput')
  async input(@Who() caller: Caller, @Param('run', { schema: runReference }) run: string, @Query({ schema: waitQuery }) { wait }: z.infer<typeof waitQuery>, @IdempotencyKey() key: string | undefined, @JsonBody({ schema: provideInputRequest }) { id, ...input }: Input, @Res({ passthrough: true }) response: ServerResponse) {
    return told(response, await this.#requests.input(caller, run, { type: 'ProvideInput', ...input, inputId: oneKey(id, key) ?? newId() }, wait));
  }

  @Operation('cancelRun')
  async cancel(@Who() caller: Caller, @Param('run', { schema: runReference }) run: string, @JsonBody({ schema: reason }) why: Reason, @Res({ passthrough: true }) response: ServerResponse) {
    return told(response, await this.#requests.change(caller, run, { type: 'CancelRun', ...why }));
  }

  @Operation('pauseRun')
  async pause(@Who() caller: Caller, @Param('run', { schema: runReference }) run: string, @JsonBody({ schema: reason }) why: Reason, @Res({ passthrough: true }) response: ServerResponse) {
    return told(response, await this.#requests.change(caller, run, { type: 'PauseRun', ...why }));
  }

  @Operation('resumeRun')
  async resume(@Who() caller: Caller, @Param('run', { schema: runReference }) run: string, @Res({ passthrough: true }) response: ServerResponse) {
    return told(response, await this.#requests.change(caller, run, { type: 'ResumeRun' }));
  }

  @Operation('reconcileEffect')
  async reconcile(@Who() caller: Caller, @Param('run', { schema: runReference }) run: string, @Param('step', { schema: step }) unknown: number, @JsonBody({ schema: reconcileRequest }) outcome: Reconciled, @Res({ passthrough: true }) response: ServerResponse) {
    return told(response, await this.#requests.change(caller, run, { type: 'ReconcileEffect', step: unknown, outcome }));
  }
}
