import { type ServerResponse } from 'node:http';
import { Controller, Inject, Res } from '@nestjs/common';
import { told } from '../api/answer.ts';
import { Operation } from '../api/operation.ts';
import { READINESS } from '../api/tokens.ts';
import { readinessAnswer, type Readiness } from './readiness.ts';

@Controller()
export class HealthController {
  readonly #readiness: Readiness;

  constructor(@Inject(READINESS) readiness: Readiness) {
    this.#readiness = readiness;
  }

  @Operation('health')
  health() {
    return { status: 'up' };
  }

  @Operation('readiness')
  readiness(@Res({ passthrough: true }) response: ServerResponse) {
    return told(response, readinessAnswer(this.#readiness()));
  }
}
