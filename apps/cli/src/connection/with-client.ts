/** A client for the platform that is meant, and errors that say what to try. */
import { connect, RunledgerError, type Client } from '@runledger/sdk';
import { ExplainedError } from '../program/exit-codes.ts';
import type { Session } from '../program/session.ts';
import { ENDPOINT_FILE, findConnection, KEY_FILE, type Connection, type ConnectionOptions } from './connection.ts';

/** Over most of a second: a platform that is just starting is waited for, one that is not there is not. */
const ATTEMPTS_MAX = 4;

export async function withClient<Result>(session: Session, options: ConnectionOptions, use: (client: Client) => Promise<Result>): Promise<Result> {
  const connection = await findConnection(options, session);
  // Without a key the platform is asked all the same: that nothing listens is the more useful thing to hear.
  const client = connect({ url: connection.url, apiKey: connection.key ?? '', attemptsMax: ATTEMPTS_MAX });
  try {
    return await use(client);
  } catch (error) {
    throw error instanceof RunledgerError ? new ExplainedError(error, hintsFor(error, connection, isAlive)) : error;
  }
}

/** What to try, a line each. `alive` says whether a process with that id exists. */
export function hintsFor({ code, status }: Pick<RunledgerError, 'code' | 'status'>, connection: Connection, alive: (pid: number) => boolean): string[] {
  if (code === 'platform/unreachable') return unreachableHints(connection, alive);
  if (status === 401) return keyHints(connection);
  if (code === 'response/unexpected' || code === 'platform/timeout') return [originText(connection)];
  return [];
}

function unreachableHints(connection: Connection, alive: (pid: number) => boolean): string[] {
  const { url, dataDirectory, endpoint } = connection;
  const gone = endpoint?.url === url && endpoint.pid !== undefined && !alive(endpoint.pid);
  return [
    gone ? `The platform that wrote ${ENDPOINT_FILE} in ${dataDirectory} (process ${endpoint.pid}) has ended.` : originText(connection),
    'Start a platform with: runledger start',
    'Or say where one is, with --url or RUNLEDGER_URL, or where it keeps its data, with --data or RUNLEDGER_DATA.',
  ];
}

function originText({ urlFrom }: Connection): string {
  return urlFrom === 'the default' ? 'No URL was given; this is the default.' : `The URL is from ${urlFrom}.`;
}

function keyHints({ key, keyFrom, dataDirectory, keyWithheld, url }: Connection): string[] {
  if (key !== undefined) return [`The key from ${keyFrom} was refused by ${url}. Give another with --key or RUNLEDGER_API_KEY.`];
  if (keyWithheld) return [`No key was given. The one in ${dataDirectory} is for the platform on this machine, and was not sent to ${url}.`, 'Give one with --key or RUNLEDGER_API_KEY.'];
  return [`No key was given, and there is no ${KEY_FILE} in ${dataDirectory}.`, 'Give one with --key or RUNLEDGER_API_KEY, or say with --data or RUNLEDGER_DATA where the platform keeps its data.'];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
