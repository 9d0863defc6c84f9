/** What can be wrong with the file of API keys. */
export type ApiKeysErrorCode =
  /** It is not what was written there. Restore it, or delete it: then a new local key is made. */
  | 'keys/damaged'
  /** It cannot be read or written: look at its owner and its rights. */
  | 'keys/unreadable'
  | 'keys/unwritable'
  /** Another process is changing it. */
  | 'keys/locked'
  /** A key was asked for that cannot be. */
  | 'keys/invalid';

export class ApiKeysError extends Error {
  override readonly name = 'ApiKeysError';
  readonly code: ApiKeysErrorCode;
  readonly file: string;

  constructor(code: ApiKeysErrorCode, file: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.file = file;
  }
}
