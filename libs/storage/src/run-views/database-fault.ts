/** Turns what Postgres, its driver and TypeORM throw into what a caller can act on. */
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { PROJECTOR, READER } from './create-run-views-1795219200000.ts';
import { ViewError } from './view-error.ts';

/**
 * Classes of SQLSTATE in which the statement or the rights are at fault. In every other one (connection lost,
 * shutting down, no room, read-only, deadlock, cut off by time) the same statement may succeed later.
 */
const REFUSALS = new Set(['0A', '22', '23', '28', '2B', '2F', '3F', '42', '44']);

const NO_RIGHT = '42501';

/** The five characters that Postgres answered with; undefined if the fault arose on the way. */
export function sqlStateOf(error: unknown): string | undefined {
  const cause = error instanceof QueryFailedError ? error.driverError : error;
  const code = (cause as { code?: unknown }).code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (cause as object) ? code : undefined;
}

/** A fault while connecting is always one that may pass. */
export function connectFault(error: unknown): ViewError {
  return error instanceof ViewError ? error : unavailable(error);
}

/**
 * A fault while working on a connection. The original is not kept as the cause where it carries a statement's
 * values: they are tenants' data, and causes end in logs.
 */
export function workFault(error: unknown): unknown {
  if (error instanceof QueryRunnerAlreadyReleasedError) return unavailable(new Error('the connection was lost'));
  if (!(error instanceof QueryFailedError)) return error;
  const state = sqlStateOf(error);
  if (state === undefined || !REFUSALS.has(state.slice(0, 2))) return unavailable(error.driverError);
  const rights = state === NO_RIGHT ? ` The user in RUNLEDGER_POSTGRES has to own the tables, and at the first start to have CREATEROLE, or to be a member of ${READER} and ${PROJECTOR}.` : ' Check that nothing else has changed the tables.';
  return new ViewError('view/refused', `Postgres refused a statement on the views (${state}): ${error.driverError.message}.${rights}`);
}

function unavailable(error: unknown): ViewError {
  const message = error instanceof Error && error.message !== '' ? error.message : String((error as { code?: unknown }).code ?? error);
  return new ViewError('view/unavailable', `The views in Postgres cannot be reached now: ${message}. Runs go on without them; try again later. If it stays so, look at Postgres, or at RUNLEDGER_POSTGRES.`, { cause: error });
}
