/** An answer whose status depends on what happened. */
import { type ServerResponse } from 'node:http';

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** To be returned by a handler with `@Res({ passthrough: true })`. */
export function told<Body>(response: ServerResponse, { status, body }: Answer<Body>): Body {
  response.statusCode = status;
  return body;
}
