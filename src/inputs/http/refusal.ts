import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { hasCode } from '../../core/errors.ts';
import { STATUS_CODES } from '../../net/http.ts';

/** Time for a sender to end a request that was refused before it was whole. */
const LINGER_MS = 2000;

/** A request that is not taken. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;

  /** @param reason what is wrong, what to do instead; never a part of the request */
  constructor(status: number, reason: string, headers: OutgoingHttpHeaders = {}) {
    super(reason);
    this.name = 'Refusal';
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Answers with the reason as JSON. What still comes of the request is read and forgotten: a sender whose connection is
 * closed while it sends would not see the answer.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  answer(response, refusal.status, { error: refusal.message }, refusal.headers);
  if (request.complete) return;
  const late = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(late));
  request.resume();
}

export function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: OutgoingHttpHeaders = {},
): void {
  const text = `${JSON.stringify(body)}\n`;
  const length = Buffer.byteLength(text);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
  response.end(text);
}

/** Answers what is no HTTP request, or was not whole in time, and closes. */
export function refuseBroken(error: Error, socket: Duplex): void {
  const [status, reason] = hasCode(error, 'ERR_HTTP_REQUEST_TIMEOUT')
    ? [408, 'the request was not whole in time']
    : hasCode(error, 'HPE_HEADER_OVERFLOW')
      ? [431, 'the header is too large']
      : [400, 'this is no HTTP request'];
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${JSON.stringify({ error: reason })}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
