import { BlockedError, RetryableError } from '../core/errors.ts';
import type { HttpAnswer } from './http.ts';

/** What an answer that is no success is about. */
type ApiProblem =
  | 'credentials'
  | 'token'
  | 'permission'
  | 'not_found'
  | 'refused'
  | 'not_json'
  | 'schema'
  | 'redirect'
  | 'too_large';

/** An answer for which somebody has to act; the message is one sentence that says what to do. */
class ApiError extends BlockedError {
  readonly problem: ApiProblem;

  constructor(problem: ApiProblem, message: string) {
    super(message);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** True for an error of that kind. */
export function isProblem(error: unknown, ...problems: readonly ApiProblem[]): error is ApiError {
  return error instanceof ApiError && problems.includes(error.problem);
}

const MESSAGE_CHARS = 300;
/** Codes of a token that has run out (emqx_dashboard). */
const TOKEN_CODES: ReadonlySet<string> = new Set(['BAD_TOKEN', 'TOKEN_TIME_OUT']);
/** `code` of 4.x answers with status 200. */
const CODES_4: Readonly<Record<number, readonly [ApiProblem, string]>> = {
  103: ['credentials', 'it does not know this user or application: check "key" and "secret_file"'],
  104: ['credentials', 'user name or password is empty: check "key" and "secret_file"'],
  112: ['not_found', 'no such client'],
};

/**
 * The error for an answer that is none of the API's, or no success.
 * @param place host and path, for the message
 * @returns undefined when it is a success in JSON
 */
export function problemOf(place: string, answer: HttpAnswer): RetryableError | undefined {
  const { status, contentType, location, retryAfterMs } = answer;
  if (status >= 300 && status < 400)
    return new ApiError(
      'redirect',
      `${place} sends us to ${location ?? 'another address'}: set api_url to it`,
    );
  if (status === 204) return undefined;
  const isJson = /\bjson\b/i.test(contentType);
  if (!isJson && (status < 400 || answer.text !== '') && status !== 404) {
    const words = `${place} answers ${status} with ${mediaType(contentType)} where EMQX answers with JSON: a proxy or another server is in between`;
    // What a proxy says of a server that is away passes.
    return status >= 502 && status <= 504
      ? new RetryableError(words, { retryAfterMs: retryAfterMs ?? 0 })
      : new ApiError('not_json', `${words}; check api_url`);
  }
  if (status >= 200 && status < 300) return undefined;
  const { code, message } = reasonOfAnswer(answer.text);
  const told = [code, message].filter((part) => part !== '').join(', ');
  const said = `${place} answers ${status}${told === '' ? '' : ` (${told})`}`;
  if (status === 429 || status >= 500)
    return new RetryableError(`${said}: it cannot answer now`, { retryAfterMs: retryAfterMs ?? 0 });
  if (status === 401) return unauthorized(said, code);
  if (status === 403)
    return new ApiError('permission', `${said}: the key or user may not do this; give it a role that may`);
  if (status === 404) return new ApiError('not_found', `${said}: not there`);
  return new ApiError('refused', said);
}

function unauthorized(said: string, code: string): ApiError {
  if (TOKEN_CODES.has(code)) return new ApiError('token', `${said}: the login has run out`);
  const words =
    code === 'AUTHORIZATION_HEADER_ERROR'
      ? 'it wants an API key: set "key" and "secret_file"'
      : code === 'API_KEY_NOT_ALLOW'
        ? 'it does not allow this with an API key: set "user" and "password_file" instead'
        : code === 'BAD_USERNAME_OR_PWD'
          ? 'wrong user or password: check "user" and "password_file"'
          : 'it does not know the key, the secret is wrong, or the key has expired or is disabled: look at Dashboard > System Settings > API Keys';
  return new ApiError('credentials', `${said}: ${words}`);
}

/** The error that 4.x tells with status 200 and a `code` that is not 0. */
export function problemOf4(place: string, code: number, message: string): ApiError | RetryableError {
  const known = CODES_4[code];
  const said = `${place} answers code ${code}${message === '' ? '' : ` (${oneLine(message)})`}`;
  if (known !== undefined) return new ApiError(known[0], `${said}: ${known[1]}`);
  // 101: a node of the cluster did not answer.
  return code === 101 ? new RetryableError(`${said}: a node does not answer`) : new ApiError('refused', said);
}

/** The error for JSON that is not what the API's description says. */
export function surprise(place: string, what: string): ApiError {
  return new ApiError(
    'schema',
    `${place}: ${what}: this is no API of EMQX 4 to 6, or one that is not known here`,
  );
}

/** The error for an answer that is larger than any that was asked for. */
export function tooLarge(place: string, bytes: number): ApiError {
  return new ApiError('too_large', `${place}: an answer of more than ${bytes} bytes: check api_url`);
}

/** `code` and `message` of an error; the message may be JSON in a text. */
function reasonOfAnswer(text: string): { code: string; message: string } {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return { code: '', message: '' };
    const { code, message } = body as { code?: unknown; message?: unknown };
    const words =
      typeof message === 'string' || message === undefined ? (message ?? '') : JSON.stringify(message);
    return { code: typeof code === 'string' ? oneLine(code) : '', message: oneLine(words) };
  } catch {
    return { code: '', message: '' };
  }
}

function oneLine(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > MESSAGE_CHARS ? `${line.slice(0, MESSAGE_CHARS)}…` : line;
}

function mediaType(contentType: string): string {
  const type = oneLine(contentType.split(';')[0] ?? '');
  return type === '' ? 'no content type' : type;
}
