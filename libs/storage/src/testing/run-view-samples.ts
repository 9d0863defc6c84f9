/** Runs and positions as a projection would bring them. */
import { createHash } from 'node:crypto';
import { base32, runIdIn, type RunView } from '@runledger/contracts';
import type { Position } from '@runledger/event-sourcing';

/** The same number gives the same id. */
export function idOf(number: number, partition = 0): string {
  return runIdIn(partition, base32(createHash('sha256').update(`run ${number}`).digest(), 26));
}

/** A run that started `number` seconds after the first. */
export function runNumber(number: number, changes: Partial<RunView> = {}): RunView {
  const startedAt = new Date(Date.UTC(2026, 10, 21) + number * 1000).toISOString();
  return {
    id: idOf(number),
    tenant: 'acme',
    agent: { name: 'airline', version: '1' },
    status: 'running',
    steps: 1,
    modelCalls: 1,
    toolCalls: 0,
    attempts: 1,
    usage: { inputTokens: 10, outputTokens: 5 },
    sequence: 1,
    startedAt,
    updatedAt: startedAt,
    ...changes,
  };
}

/** After the record at `offset` was read. */
export function positionAt(offset: number, writer = 'writer-1'): Position {
  return { offset, fence: { writer, n: offset, epoch: 1 }, digest: `digest of ${offset}` };
}
