import { Controller, Inject } from '@nestjs/common';
import { Operation } from '../api/operation.ts';
import { AGENTS } from '../api/tokens.ts';
import { type Agents } from './agents.ts';

@Controller()
export class AgentsController {
  readonly #agents: Agents;

  constructor(@Inject(AGENTS) agents: Agents) {
    this.#agents = agents;
  }

  @Operation('listAgents')
  list() {
    return { agents: this.#agents.list() };
  }
}
