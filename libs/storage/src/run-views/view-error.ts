/** What a caller can do about a view that did not answer. */
export type ViewErrorCode =
  /** Postgres is not there, or does not take this now. Ask again later; whether a change was made is not known. */
  | 'view/unavailable'
  /** Another position stands there than the one expected. Read the positions, and go on from there. */
  | 'view/position-moved'
  /** The cursor is none that a page ended with. Start from the first page. */
  | 'view/bad-cursor'
  /** The tables were made by a newer version of the platform. */
  | 'view/newer-version'
  /** Postgres refused a statement: a right is missing, or there is a defect. Asking again does not help. */
  | 'view/refused';

export class ViewError extends Error {
  override readonly name = 'ViewError';
  readonly code: ViewErrorCode;

  constructor(code: ViewErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
