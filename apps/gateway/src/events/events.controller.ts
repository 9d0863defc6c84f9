import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Controller, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { eventsQuery, runReference } from '@runledger/contracts';
import { sendText } from '@runledger/nest-kit';
import { type z } from 'zod';
import { Who, type Caller } from '../api/caller.ts';
import { Operation } from '../api/operation.ts';
import { EVENT_REQUESTS } from '../api/tokens.ts';
import { type EventRequests } from './event-requests.ts';
import { lastEventId, wantsStream } from './resume.ts';

@Controller()
export class EventsController {
  readonly #events: EventRequests;

  constructor(@Inject(EVENT_REQUESTS) events: EventRequests) {
    this.#events = events;
  }

  @Operation('listEvents')
  async list(@Who() caller: Caller, @Param('run', { schema: runReference }) run: string, @Query({ schema: eventsQuery }) { after, limit }: z.infer<typeof eventsQuery>, @Req() request: IncomingMessage, @Res() response: ServerResponse) {
    if (wantsStream(request)) return this.#events.stream(caller, run, (await lastEventId(request)) ?? after, response);
    return sendText(response, 200, await this.#events.page(caller, run, after, limit), { 'Content-Type': 'application/json; charset=utf-8' });
  }
}
