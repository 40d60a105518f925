import type { Socket } from 'node:net';
import type { AppError } from '#libs/kernel';
import { securityHeaders } from './common-headers.js';
import { MalformedRequest, RequestHeadTooLarge, RequestTooSlow } from './http.errors.js';
import { statusOf } from './status-of.js';

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** What never becomes a request is answered on the socket: no HTTP at all, headers without end, a body that does not come. */
export function answerBrokenRequest(error: Error, socket: Socket, behindTls: boolean): void {
  if (!socket.writable) return;
  const problem = refusalOf((error as { readonly code?: string }).code);
  const status = statusOf(problem);
  const body = JSON.stringify({ ...problem.toProblem(), status });
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...securityHeaders(behindTls),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

function refusalOf(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW') return new RequestHeadTooLarge('Send at most 16 KB of headers.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new RequestTooSlow('Send the whole request at once, over a better line.');
  return new MalformedRequest('Send HTTP/1.1 with well-formed headers.');
}
