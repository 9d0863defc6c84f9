/** The tables as TypeORM sees them. Their migrations are the truth; a test compares the two. */
import type { RunView } from '@runledger/contracts';
import type { Position } from '@runledger/event-sourcing';
import { EntitySchema } from 'typeorm';

export interface RunViewRow {
  tenant: string;
  id: string;
  partition: number;
  agentName: string;
  agentVersion: string;
  status: string;
  startedAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
  sequence: string;
  view: RunView;
}

export interface PositionRow {
  projection: string;
  partition: number;
  position: Position;
  offset: string;
  updatedAt: Date;
}

const byBytes = { type: 'text', collation: 'C' } as const;

export const runViewTable = new EntitySchema<RunViewRow>({
  name: 'run_view',
  columns: {
    tenant: { ...byBytes, primary: true, primaryKeyConstraintName: 'run_view_pkey' },
    id: { ...byBytes, primary: true, primaryKeyConstraintName: 'run_view_pkey' },
    partition: { type: 'integer' },
    agentName: { ...byBytes, name: 'agent_name' },
    agentVersion: { type: 'text', name: 'agent_version' },
    status: { ...byBytes },
    startedAt: { type: 'timestamptz', name: 'started_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    endedAt: { type: 'timestamptz', name: 'ended_at', nullable: true },
    sequence: { type: 'bigint' },
    view: { type: 'json' },
  },
  // Their order (newest first) is not expressible here, hence `synchronize`.
  indices: [
    { name: 'run_view_newest', columns: ['tenant', 'startedAt', 'id'], synchronize: false },
    { name: 'run_view_newest_by_status', columns: ['tenant', 'status', 'startedAt', 'id'], synchronize: false },
    { name: 'run_view_newest_by_agent', columns: ['tenant', 'agentName', 'startedAt', 'id'], synchronize: false },
  ],
});

export const positionTable = new EntitySchema<PositionRow>({
  name: 'projection_position',
  columns: {
    projection: { type: 'text', primary: true, primaryKeyConstraintName: 'projection_position_pkey' },
    partition: { type: 'integer', primary: true, primaryKeyConstraintName: 'projection_position_pkey' },
    position: { type: 'jsonb' },
    offset: { type: 'bigint' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});
