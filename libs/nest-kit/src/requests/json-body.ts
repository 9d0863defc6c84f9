/**
 * Reads JSON bodies, after the guards: a request without a key costs no parsing. `@JsonBody({ schema })` gives a handler
 * the checked body; an empty body is undefined, which the schema may allow.
 */
import { type IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ProblemError } from '../problem/problem-error.ts';

export const BODY_BYTES_MAX = 1024 * 1024;

export const JsonBody = createParamDecorator((_data: unknown, context: ExecutionContext) => readJson(context.switchToHttp().getRequest<IncomingMessage>(), BODY_BYTES_MAX));

/** Throws `request/media-type`, `request/too-large` or `request/not-json`. What is left of the body is drained by Node after the answer. */
export async function readJson(request: IncomingMessage, bytesMax: number): Promise<unknown> {
  if (!hasBody(request)) return undefined;
  checkMediaType(request);
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
  return parse(await collect(request, bytesMax));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function checkMediaType({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw new ProblemError('request/media-type', `The body is encoded with ${encoding}. Send it as it is.`);
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';').map((part) => part.trim());
  if (type !== 'application/json') throw new ProblemError('request/media-type', `The body came with ${type === '' ? 'no Content-Type' : `Content-Type: ${type}`}. Send Content-Type: application/json.`);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8') throw new ProblemError('request/media-type', `The body came in ${charset}. Send it in UTF-8.`);
}

const tooLarge = (bytesMax: number): ProblemError => new ProblemError('request/too-large', `A body has at most ${bytesMax} bytes. Send less at once.`);

/** By listeners, since an iterator that is left early destroys the request, and the answer with it. */
function collect(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const data = (chunk: Buffer): void => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > bytesMax) over(tooLarge(bytesMax));
  };
  const end = (): void => {
    over();
    resolve(Buffer.concat(chunks, bytes));
  };
  const close = (): void => over(new Error('The client left before its request was whole.'));
  const over = (error?: Error): void => {
    request.off('data', data).off('end', end).off('close', close).off('error', close);
    if (error === undefined) return;
    // Whoever comes after must not be told of errors that nobody listens to.
    request.on('error', () => undefined).resume();
    reject(error);
  };
  request.on('data', data).on('end', end).on('close', close).on('error', close);
  return promise;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new ProblemError('request/not-json', 'The body is not UTF-8. Send JSON text in UTF-8.', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProblemError('request/not-json', `The body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
