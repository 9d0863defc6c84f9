/** What can be wrong with the embedded Postgres, by what its caller should do. */
export type PostgresServerErrorCode =
  /** It could not be started; the message quotes its log. */
  | 'postgres/cannot-start'
  /** It did not end when it was told to. */
  | 'postgres/cannot-stop'
  /** No binaries for this machine. */
  | 'postgres/no-binaries'
  /** Another process runs a server in this directory. */
  | 'postgres/in-use'
  /** The directory cannot be used by the user that Postgres would run as. */
  | 'postgres/not-permitted'
  /** The directory holds something else. */
  | 'postgres/foreign-directory'
  /** The directory was made by another major version of Postgres. */
  | 'postgres/wrong-version'
  /** The port that was asked for is taken. */
  | 'postgres/port-in-use';

/** A fault of the embedded Postgres. `where` names the place: directory, log file, process, port. */
export class PostgresServerError extends Error {
  override readonly name = 'PostgresServerError';
  readonly code: PostgresServerErrorCode;
  readonly where: Readonly<Record<string, string | number>>;

  constructor(code: PostgresServerErrorCode, message: string, where: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.where = where;
  }
}

export const OR_ELSEWHERE = 'To use a Postgres of your own, set RUNLEDGER_POSTGRES=postgres://…';
export const REBUILDABLE = 'It holds only views, which are rebuilt from the event log.';
