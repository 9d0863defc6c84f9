/** Lets those in who show a key, before anything of their request is read. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemError, traceOf, type OpenAnswers } from '@runledger/nest-kit';
import { Caller, rememberCaller } from '../api/caller.ts';
import { isPublic } from '../api/operation.ts';
import { type ApiKeys } from './api-keys.ts';

const BEARER = /^Bearer +(\S+)$/i;

export class Authentication implements CanActivate {
  readonly #keys: ApiKeys;
  readonly #answers: OpenAnswers;

  constructor(keys: ApiKeys, answers: OpenAnswers) {
    this.#keys = keys;
    this.#answers = answers;
  }

  canActivate(context: ExecutionContext): boolean {
    if (isPublic(context.getHandler())) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    const response = http.getResponse<ServerResponse>();
    const { id, tenant } = this.#keyOf(request);
    rememberCaller(request, new Caller({ key: id, tenant, trace: traceOf(request), hold: () => this.#answers.hold(response) }));
    return true;
  }

  #keyOf({ headers }: IncomingMessage) {
    const shown = BEARER.exec(headers.authorization ?? '')?.[1];
    if (shown === undefined) throw new ProblemError('key/missing', `Found ${headers.authorization === undefined ? 'no Authorization header' : 'another Authorization header'}, expected "Authorization: Bearer rl_…". The key of this machine stands in the file local-api-key of the data directory.`);
    const key = this.#keys.find(shown);
    if (key === undefined) throw new ProblemError('key/unknown', 'The key is none of this installation, or was revoked. Make another with "runledger keys create".');
    return key;
  }
}
