import { setTimeout as delay } from 'node:timers/promises';
import { BlockedError, RetryableError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/event.ts';
import { isObject } from '../core/json/object.ts';
import { pauseMs } from '../core/waiting/backoff.ts';
import type { ApiAccess } from './access.ts';
import { Credentials } from './credentials.ts';
import { type HttpAnswer, HttpClient, type HttpRequest } from './http.ts';
import { Pace } from './pace.ts';
import { type Page, pageOf, pagesOf } from './pages.ts';
import { isProblem, problemOf, problemOf4, surprise } from './problem.ts';

/** The two families of the API: 4.x, and everything from 5.0 on. */
type ApiVersion = 'v4' | 'v5';

type Query = Readonly<Record<string, string | number>>;

const RETRY = { minMs: 200, maxMs: 2000 };
/** Rows of the smallest page. With the longest client id and user name that MQTT has, a row has up to 800,000 bytes of JSON. */
const FEWEST_ROWS = 10;

/**
 * The REST API of EMQX 4.x to 6.x (`/api/v4`, `/api/v5`): one envelope, typed errors, time-outs, attempts, a pace. Paths begin
 * behind the version.
 */
export class EmqxApi {
  /** Host and port, for messages. */
  readonly place: string;
  private readonly access: ApiAccess;
  private readonly http: HttpClient;
  private readonly credentials: Credentials;
  private readonly pace = new Pace();
  private found: ApiVersion | undefined;
  /** Rows of a page that were not too much. */
  private mostRows = Number.POSITIVE_INFINITY;

  constructor(access: ApiAccess) {
    this.access = access;
    this.place = new URL(access.url).host;
    this.http = new HttpClient(access.tls, access.timeoutMs);
    this.credentials = new Credentials(access);
  }

  /** Finds out which family it is; asks once. @throws RetryableError */
  async version(signal: AbortSignal): Promise<ApiVersion> {
    this.found ??= await this.detect(signal);
    return this.found;
  }

  /** @throws ApiError, RetryableError */
  async get(path: string, query: Query, signal: AbortSignal): Promise<JsonValue> {
    const version = await this.version(signal);
    return this.call(version, { method: 'GET', path, query }, signal);
  }

  /** Changes something. @returns the answer's JSON; null: it has none @throws ApiError, RetryableError */
  async send(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: JsonValue | undefined,
    signal: AbortSignal,
  ): Promise<JsonValue> {
    return this.call(await this.version(signal), { method, path, query: {}, body }, signal);
  }

  /**
   * The pages of a list over a live table: rows may come twice, or be missing, when it changes meanwhile. While a page is worked
   * on the next ones are under way. Where clients have made rows so long that a page is too large, it begins anew with smaller
   * ones.
   * @param rowOf what is wanted of a row: called as soon as the row is there, so that answers that wait are small
   * @param expected pages that there were before: so many are asked for without waiting for the first
   * @throws ApiError, RetryableError
   */
  async *pages<Row>(
    path: string,
    query: Query,
    limit: number,
    rowOf: (row: JsonObject) => Row,
    signal: AbortSignal,
    expected = 1,
  ): AsyncGenerator<readonly Row[]> {
    const rows = Math.min(limit, this.mostRows);
    try {
      const ask = (page: number): Promise<Page<Row>> => this.page(path, query, page, rows, rowOf, signal);
      yield* pagesOf(ask, rows, expected);
    } catch (error) {
      if (!isProblem(error, 'too_large') || rows <= FEWEST_ROWS) throw error;
      this.mostRows = Math.max(FEWEST_ROWS, Math.floor(rows / 10));
      yield* this.pages(path, query, limit, rowOf, signal);
    }
  }

  close(): void {
    this.http.close();
  }

  private async page<Row>(
    path: string,
    query: Query,
    page: number,
    limit: number,
    rowOf: (row: JsonObject) => Row,
    signal: AbortSignal,
  ): Promise<Page<Row>> {
    const version = await this.version(signal);
    const paging = version === 'v4' ? { _page: page, _limit: limit } : { page, limit };
    const answer = await this.answer(
      version,
      { method: 'GET', path, query: { ...query, ...paging } },
      signal,
    );
    return pageOf(this.placeOf(version, path), answer, page, limit, rowOf);
  }

  /** Something of a version that is not the server's is not there. */
  private async detect(signal: AbortSignal): Promise<ApiVersion> {
    try {
      await this.call('v5', { method: 'GET', path: 'nodes', query: {} }, signal);
      return 'v5';
    } catch (error) {
      if (isProblem(error, 'permission')) return 'v5';
      if (!isProblem(error, 'not_found')) throw error;
    }
    try {
      await this.call('v4', { method: 'GET', path: 'nodes', query: {} }, signal);
      return 'v4';
    } catch (error) {
      if (!isProblem(error, 'not_found')) throw error;
      throw surprise(this.access.url, 'there is neither v5 nor v4 below it; check api_url');
    }
  }

  private async call(version: ApiVersion, call: Call, signal: AbortSignal): Promise<JsonValue> {
    const answer = await this.answer(version, call, signal);
    return version === 'v4' && isObject(answer) ? (answer.data ?? null) : answer;
  }

  /** The whole body. Tries again what may pass; what creates something only once. */
  private async answer(version: ApiVersion, call: Call, signal: AbortSignal): Promise<JsonValue> {
    const attempts = call.method === 'POST' ? 1 : this.access.attempts;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(version, call, signal);
      } catch (error) {
        const passes = error instanceof RetryableError && !(error instanceof BlockedError);
        if (!passes || attempt >= attempts) throw error;
        await delay(pauseMs(RETRY, attempt, error.retryAfterMs), undefined, { signal });
      }
    }
  }

  private async once(version: ApiVersion, call: Call, signal: AbortSignal): Promise<JsonValue> {
    const authorize = (): Promise<string | undefined> | string | undefined =>
      version === 'v4'
        ? this.credentials.basic()
        : this.credentials.header((...login) => this.logIn(...login, signal));
    const header = await authorize();
    try {
      return await this.exchange(version, call, header, signal);
    } catch (error) {
      if (!this.credentials.hasUser || !isProblem(error, 'token')) throw error;
      await this.credentials.expired(header);
      return this.exchange(version, call, await authorize(), signal);
    }
  }

  private async logIn(username: string, password: string, signal: AbortSignal): Promise<string> {
    const call: Call = { method: 'POST', path: 'login', query: {}, body: { username, password } };
    const answer = await this.exchange('v5', call, undefined, signal);
    const token = isObject(answer) ? answer.token : undefined;
    if (typeof token !== 'string') throw surprise(this.placeOf('v5', 'login'), 'the login gives no token');
    return token;
  }

  private async exchange(
    version: ApiVersion,
    { method, path, query, body }: Call,
    authorization: string | undefined,
    signal: AbortSignal,
  ): Promise<JsonValue> {
    await this.pace.turn(signal);
    const url = new URL(`${version}/${path}`, this.access.url);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    const request: HttpRequest = {
      method,
      url,
      authorization,
      body: body === undefined ? undefined : JSON.stringify(body),
    };
    const answer = await this.http.send(request, signal);
    const place = this.placeOf(version, path);
    const problem = problemOf(place, answer);
    if (problem !== undefined) throw problem;
    const value = parse(place, answer);
    if (version === 'v4' && isObject(value) && value.code !== 0) {
      if (typeof value.code !== 'number') throw surprise(place, 'the answer has no code');
      throw problemOf4(place, value.code, typeof value.message === 'string' ? value.message : '');
    }
    return value;
  }

  private placeOf(version: ApiVersion, path: string): string {
    return `${this.place}/api/${version}/${path.length > 120 ? `${path.slice(0, 120)}…` : path}`;
  }
}

interface Call {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly query: Query;
  readonly body?: JsonValue | undefined;
}

function parse(place: string, { status, text }: HttpAnswer): JsonValue {
  if (status === 204 || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw surprise(place, 'the answer is no whole JSON');
  }
}
