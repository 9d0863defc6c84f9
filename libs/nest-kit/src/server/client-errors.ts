/** Requests that are no HTTP: Node gives them up before there is a request, so the answer is written by hand. */
import { randomUUID } from 'node:crypto';
import { type Server } from 'node:http';
import { type Duplex } from 'node:stream';
import { problemBody, ProblemError } from '../problem/problem-error.ts';

export function answerClientErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else socket.end(rawAnswer(problemOfSocket(error.code)), () => socket.destroy());
  });
}

function problemOfSocket(code: string | undefined): ProblemError {
  if (code === 'HPE_HEADER_OVERFLOW') return new ProblemError('request/too-large', 'The headers are too large, or the address is too long. Send less.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ProblemError('request/invalid', 'The request did not arrive in time. Send it without a pause.');
  return new ProblemError('request/invalid', `The request is not HTTP/1.1 as it should be (${code ?? 'unreadable'}).`);
}

function rawAnswer(error: ProblemError): string {
  const body = problemBody(error, randomUUID());
  const text = JSON.stringify(body);
  const lines = [`HTTP/1.1 ${body.status} ${body.title}`, 'Content-Type: application/problem+json', `Content-Length: ${Buffer.byteLength(text)}`, 'Cache-Control: no-store', 'Connection: close'];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}
