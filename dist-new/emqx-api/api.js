import { setTimeout as delay } from 'node:timers/promises';
import { pauseMs } from '../core/backoff.js';
import { BlockedError, RetryableError } from '../core/errors.js';
import { Credentials } from './credentials.js';
import { HttpClient } from './http.js';
import { Pace } from './pace.js';
import { isProblem, problemOf, problemOf4, surprise } from './problem.js';
const RETRY = { minMs: 200, maxMs: 2000 };
/** A list that never ends is no list. */
const MAX_PAGES = 10_000;
/** Pages under way while one is worked on: the server never waits for us. */
const AHEAD = 2;
/**
 * The REST API of EMQX 4.x to 6.x (`/api/v4`, `/api/v5`): one envelope, typed errors, time-outs, attempts, a pace. Paths begin
 * behind the version.
 */
export class EmqxApi {
    /** Host and port, for messages. */
    place;
    access;
    http;
    credentials;
    pace = new Pace();
    found;
    constructor(access) {
        this.access = access;
        this.place = new URL(access.url).host;
        this.http = new HttpClient(access.tls, access.timeoutMs);
        this.credentials = new Credentials(access);
    }
    /** Finds out which family it is; asks once. @throws RetryableError */
    async version(signal) {
        this.found ??= await this.detect(signal);
        return this.found;
    }
    /** @throws ApiError, RetryableError */
    async get(path, query, signal) {
        const version = await this.version(signal);
        return this.call(version, { method: 'GET', path, query }, signal);
    }
    /** Changes something. @returns the answer's JSON; null: it has none @throws ApiError, RetryableError */
    async send(method, path, body, signal) {
        return this.call(await this.version(signal), { method, path, query: {}, body }, signal);
    }
    /**
     * The pages of a list over a live table: rows may come twice, or be missing, when it changes meanwhile. While a page is worked
     * on the next ones are under way.
     * @throws ApiError, RetryableError
     */
    async *pages(path, query, limit, signal) {
        const ask = (page) => {
            const asked = this.page(path, query, page, limit, signal);
            // Whoever stops in between does not wait for it.
            asked.catch(() => { });
            return asked;
        };
        const asked = [ask(1)];
        let counted = 1;
        for (let page = 1, next = asked.shift(); next !== undefined; next = asked.shift()) {
            const { rows, hasNext, count } = await next;
            if (count !== undefined)
                counted = Math.min(MAX_PAGES, Math.ceil(count / limit));
            // What is behind the last page that was counted is asked for when it is known to be there.
            const isMore = () => page < counted || (page < MAX_PAGES && asked.length === 0);
            while (hasNext && asked.length < AHEAD && isMore())
                asked.push(ask(++page));
            yield rows;
            if (!hasNext)
                return;
        }
    }
    close() {
        this.http.close();
    }
    async page(path, query, page, limit, signal) {
        const version = await this.version(signal);
        const paging = version === 'v4' ? { _page: page, _limit: limit } : { page, limit };
        const answer = await this.answer(version, { method: 'GET', path, query: { ...query, ...paging } }, signal);
        const { data, meta } = isObject(answer) ? answer : {};
        const place = this.placeOf(version, path);
        if (!Array.isArray(data))
            throw surprise(place, '"data" is no list');
        const rows = data.filter(isObject);
        if (rows.length < data.length)
            throw surprise(place, 'a row is no object');
        const { hasnext, count } = isObject(meta) ? meta : {};
        const isMore = typeof hasnext === 'boolean'
            ? hasnext
            : typeof count === 'number'
                ? page * limit < count
                : rows.length >= limit;
        return {
            rows,
            hasNext: isMore && rows.length > 0,
            count: typeof count === 'number' && count > 0 ? count : undefined,
        };
    }
    /** Something of a version that is not the server's is not there. */
    async detect(signal) {
        try {
            await this.call('v5', { method: 'GET', path: 'nodes', query: {} }, signal);
            return 'v5';
        }
        catch (error) {
            if (isProblem(error, 'permission'))
                return 'v5';
            if (!isProblem(error, 'not_found'))
                throw error;
        }
        try {
            await this.call('v4', { method: 'GET', path: 'nodes', query: {} }, signal);
            return 'v4';
        }
        catch (error) {
            if (!isProblem(error, 'not_found'))
                throw error;
            throw surprise(this.access.url, 'there is neither v5 nor v4 below it; check api_url');
        }
    }
    async call(version, call, signal) {
        const answer = await this.answer(version, call, signal);
        return version === 'v4' && isObject(answer) ? (answer.data ?? null) : answer;
    }
    /** The whole body. Tries again what may pass; what creates something only once. */
    async answer(version, call, signal) {
        const attempts = call.method === 'POST' ? 1 : this.access.attempts;
        for (let attempt = 1;; attempt++) {
            try {
                return await this.once(version, call, signal);
            }
            catch (error) {
                const passes = error instanceof RetryableError && !(error instanceof BlockedError);
                if (!passes || attempt >= attempts)
                    throw error;
                await delay(pauseMs(RETRY, attempt, error.retryAfterMs), undefined, { signal });
            }
        }
    }
    async once(version, call, signal) {
        const authorize = () => version === 'v4'
            ? this.credentials.basic()
            : this.credentials.header((...login) => this.logIn(...login, signal));
        const header = await authorize();
        try {
            return await this.exchange(version, call, header, signal);
        }
        catch (error) {
            if (!this.credentials.hasUser || !isProblem(error, 'token'))
                throw error;
            await this.credentials.expired(header);
            return this.exchange(version, call, await authorize(), signal);
        }
    }
    async logIn(username, password, signal) {
        const call = { method: 'POST', path: 'login', query: {}, body: { username, password } };
        const answer = await this.exchange('v5', call, undefined, signal);
        const token = isObject(answer) ? answer.token : undefined;
        if (typeof token !== 'string')
            throw surprise(this.placeOf('v5', 'login'), 'the login gives no token');
        return token;
    }
    async exchange(version, { method, path, query, body }, authorization, signal) {
        await this.pace.turn(signal);
        const url = new URL(`${version}/${path}`, this.access.url);
        for (const [key, value] of Object.entries(query))
            url.searchParams.set(key, String(value));
        const request = {
            method,
            url,
            authorization,
            body: body === undefined ? undefined : JSON.stringify(body),
        };
        const answer = await this.http.send(request, signal);
        const place = this.placeOf(version, path);
        const problem = problemOf(place, answer);
        if (problem !== undefined)
            throw problem;
        const value = parse(place, answer);
        if (version === 'v4' && isObject(value) && value.code !== 0) {
            if (typeof value.code !== 'number')
                throw surprise(place, 'the answer has no code');
            throw problemOf4(place, value.code, typeof value.message === 'string' ? value.message : '');
        }
        return value;
    }
    placeOf(version, path) {
        return `${this.place}/api/${version}/${path.length > 120 ? `${path.slice(0, 120)}…` : path}`;
    }
}
function parse(place, { status, text }) {
    if (status === 204 || text === '')
        return null;
    try {
        return JSON.parse(text);
    }
    catch {
        throw surprise(place, 'the answer is no whole JSON');
    }
}
export function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
