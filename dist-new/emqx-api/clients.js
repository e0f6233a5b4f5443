import { zonedTime } from '../core/zone.js';
import { isObject } from './api.js';
import { isProblem, surprise } from './problem.js';
/** Numbers of a client that only rise while its connection lasts (`GET /clients`), by EMQX's names. */
export const COUNTERS = [
    'recv_msg',
    'recv_msg.dropped',
    'send_msg',
    'send_msg.dropped',
    'recv_pkt',
    'send_pkt',
    'recv_oct',
    'send_oct',
    'mqueue_dropped',
];
const LOCAL_TIME_CHARS = 'YYYY-MM-DD HH:MM:SS'.length;
/** Rows that are asked for at once. */
const PAGE_ROWS = 1000;
/** What of a client is asked for, where the server takes the wish (5.6 and later; before, it gives everything). */
const FIELDS = [
    ...['clientid', 'username', 'node', 'connected', 'ip_address', 'port', 'created_at', 'connected_at'],
    ...['disconnected_at', 'keepalive', 'proto_ver', 'clean_start', 'expiry_interval', 'subscriptions_cnt'],
    ...['inflight_cnt', 'mqueue_len', ...COUNTERS],
].join();
/** Asks for clients. */
export class Clients {
    api;
    takesFields = true;
    constructor(api) {
        this.api = api;
    }
    /**
     * Every client that the broker knows, in pages; a client may come twice.
     * @throws ApiError, RetryableError
     */
    async *all(signal) {
        const isFive = (await this.api.version(signal)) === 'v5';
        const query = isFive && this.takesFields ? { fields: FIELDS } : {};
        let isFirst = true;
        try {
            for await (const rows of this.api.pages('clients', query, PAGE_ROWS, signal)) {
                isFirst = false;
                yield rows.map((row) => this.row(row));
            }
        }
        catch (error) {
            if (!isFirst || !('fields' in query) || !isProblem(error, 'refused'))
                throw error;
            this.takesFields = false;
            yield* this.all(signal);
        }
    }
    /** One client; undefined: the broker knows no session of it. @throws ApiError, RetryableError */
    async one(id, signal) {
        try {
            const answer = await this.api.get(`clients/${encodeURIComponent(id)}`, {}, signal);
            // 4.x has a list of none, one or more.
            const rows = (Array.isArray(answer) ? answer : [answer]).filter(isObject).map((row) => this.row(row));
            return rows.reduce((best, row) => (best === undefined ? row : later(best, row)), undefined);
        }
        catch (error) {
            if (isProblem(error, 'not_found'))
                return undefined;
            throw error;
        }
    }
    row(row) {
        const { clientid: id, connected } = row;
        if (typeof id !== 'string')
            throw surprise(`${this.api.place}/clients`, 'a client has no "clientid"');
        if (typeof connected !== 'boolean')
            throw surprise(`${this.api.place}/clients`, 'a client has no "connected"');
        return {
            id,
            user: text(row.username),
            node: text(row.node),
            connected,
            ip: text(row.ip_address),
            port: count(row.port),
            createdAt: timeOf(row.created_at),
            connectedAt: timeOf(row.connected_at),
            disconnectedAt: timeOf(row.disconnected_at),
            keepAlive: count(row.keepalive),
            protocol: count(row.proto_ver),
            cleanStart: typeof row.clean_start === 'boolean' ? row.clean_start : undefined,
            expiryInterval: count(row.expiry_interval),
            subscriptions: count(row.subscriptions_cnt),
            inflight: count(row.inflight_cnt ?? row.inflight),
            queued: count(row.mqueue_len),
            counters: {
                recv_msg: count(row.recv_msg),
                'recv_msg.dropped': count(row['recv_msg.dropped']),
                send_msg: count(row.send_msg),
                'send_msg.dropped': count(row['send_msg.dropped']),
                recv_pkt: count(row.recv_pkt),
                send_pkt: count(row.send_pkt),
                recv_oct: count(row.recv_oct),
                send_oct: count(row.send_oct),
                mqueue_dropped: count(row.mqueue_dropped),
            },
        };
    }
}
/** Of two rows about one client the one that tells its present state: it may be on two nodes while it moves. */
export function later(a, b) {
    if (a.connected !== b.connected)
        return a.connected ? a : b;
    return (b.connectedAt ?? 0) >= (a.connectedAt ?? 0) ? b : a;
}
function text(value) {
    return typeof value === 'string' && value !== '' && value !== 'undefined' ? value : undefined;
}
function count(value) {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
/** RFC 3339; of 4.x `2020-02-20 18:37:21` on the clock of the broker, which is taken for that of this machine. */
function timeOf(value) {
    if (typeof value !== 'string')
        return undefined;
    const isLocal = value.length === LOCAL_TIME_CHARS && value[10] === ' ';
    const time = Date.parse(isLocal ? `${value.replace(' ', 'T')}Z` : value);
    if (Number.isNaN(time))
        return undefined;
    return isLocal ? zonedTime(time, undefined) : time;
}
