/** A run as clients see it, from its state. Rows, answers and the console all come from here. */
import { type RunStatus, type RunView } from '@runledger/contracts';
import { isUnderWay, type Run } from './state.ts';

export interface RunIdentity {
  readonly tenant: string;
  readonly run: string;
}

/** `iso` writes ms since 1970 as RFC 3339. The output's text is not in the state: it is content. */
export function viewOf(identity: RunIdentity, run: Run, iso: (ms: number) => string): RunView | undefined {
  if (run.status === 'absent') return undefined;
  const status = statusOf(run);
  const waitingFor = status === 'waiting' || status === 'cancelling' ? waitingForOf(run) : undefined;
  return {
    id: identity.run,
    tenant: identity.tenant,
    agent: { name: run.agent.name, version: run.agent.version },
    ...(run.key === undefined ? {} : { key: run.key }),
    status,
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(run.status === 'active' ? {} : { reason: run.reason, endedAt: iso(run.endedAt), ...(run.failure === undefined ? {} : { failure: run.failure }) }),
    ...(run.metadata === undefined ? {} : { metadata: run.metadata }),
    steps: run.counts.steps,
    modelCalls: run.counts.modelCalls,
    toolCalls: run.counts.toolCalls,
    attempts: run.counts.attempts,
    usage: run.usage,
    sequence: run.sequence,
    startedAt: iso(run.startedAt),
    updatedAt: iso(run.updatedAt),
  };
}

export function statusOf(run: Exclude<Run, { status: 'absent' }>): RunStatus {
  if (run.status !== 'active') return run.status;
  if (run.ending !== undefined) return 'cancelling';
  if (run.paused) return 'paused';
  return waitingForOf(run) === undefined ? 'running' : 'waiting';
}

function waitingForOf(run: Run): RunView['waitingFor'] {
  if (run.status !== 'active') return undefined;
  if (run.awaitingInput && run.ending === undefined) return 'input';
  const unknown = run.open.some((open) => open.kind === 'tool' && open.unknown);
  return unknown && !run.open.some((open) => isUnderWay(open) || open.retryAt !== undefined) ? 'reconciliation' : undefined;
}
