import type { IncomingMessage } from 'node:http';
import { BlockedError, RetryableError } from '../../../core/errors.ts';

/** Longest pause that a server may ask for. */
const MOST_MS = 600_000;

/** What of an answer matters. */
export interface HttpAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfterMs: number | undefined;
}

export function answerOf({ statusCode = 0, headers }: IncomingMessage): HttpAnswer {
  const { location } = headers;
  return { status: statusCode, location, retryAfterMs: milliseconds(headers['retry-after']) };
}

/** Nothing else travels on the connection of this answer. */
export function endsConnection({ httpVersion, headers: { connection = '' } }: IncomingMessage): boolean {
  return httpVersion === '1.0' ? !/keep-alive/i.test(connection) : /close/i.test(connection);
}

/** The queue of Logstash is full and too many requests wait already: the same request will be taken later. */
export function isFull(answer: HttpAnswer): boolean {
  return answer.status === 429;
}

/** What is said while it waits for that. */
export function fullProblem(place: string): RetryableError {
  return new RetryableError(
    `${place} answers 429: its queue is full, the pipeline does not keep up; nothing is dropped`,
  );
}

/**
 * What has to be done about an answer; undefined when the events are taken.
 * @param bytes length of the request's body
 */
export function httpProblem(
  place: string,
  { status, location, retryAfterMs = 0 }: HttpAnswer,
  { authorization }: { readonly authorization: string | undefined },
  bytes: number,
): RetryableError | undefined {
  if (status >= 200 && status < 300) return undefined;
  const say = (words: string): BlockedError =>
    new BlockedError(`${place} answers ${status}: ${words}`, { retryAfterMs });
  if (status === 401 || status === 403) {
    return say(
      authorization === undefined
        ? 'it wants a user and a password: set user and password_file'
        : 'it refuses what user and password_file, or token_file, say: compare them with its settings',
    );
  }
  if (status === 413) {
    return say(
      `a request of ${bytes} bytes is too large for it: raise max_content_length there, or the limit of what stands before it`,
    );
  }
  if (status >= 300 && status < 400)
    return say(`it sends us to ${location ?? 'another address'}: write that address in hosts`);
  if (status >= 400 && status < 500 && status !== 408)
    return say("it does not take such requests: hosts has to name Logstash's http input");
  return new RetryableError(`${place} answers ${status}: it takes nothing now`, { retryAfterMs });
}

function milliseconds(seconds: string | undefined): number | undefined {
  return seconds !== undefined && /^\d+$/.test(seconds)
    ? Math.min(Number(seconds) * 1000, MOST_MS)
    : undefined;
}
