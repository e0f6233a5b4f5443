const NOBODY = {
    since: undefined,
    ip: undefined,
    port: undefined,
    user: undefined,
    protocol: undefined,
    unannounced: false,
};
/** Sessions that are remembered; the one connected longest ago is forgotten first. */
const MAX_SESSIONS = 10_000;
/** Ids that are known in part, or only possible, that are remembered. */
const MAX_CUT = 64;
/** What follows the id in the line of a connect. */
const TAIL = ' (';
/** The clients that the log has told of and not seen leave. */
export class LiveSessions {
    sessions = new Map();
    /** Connected clients whose id begins as lines do: text that they write can look like a line. */
    imitators = new Set();
    /** What cut lines showed of the ids of connected clients. */
    cut = new Set();
    /** The same of clients whose connect could be read in several ways: their possible ids. */
    maybe = new Set();
    imitates;
    /** Nothing changes while it is set. */
    frozen = false;
    /**
     * @param imitates tells ids that begin as lines of the log do
     * @param state what `state` gave
     */
    constructor(imitates, state) {
        this.imitates = imitates;
        const [sessions, cut, maybe] = Array.isArray(state) ? state : [];
        for (const entry of Array.isArray(sessions) ? sessions : []) {
            const [id, ...rest] = Array.isArray(entry) ? entry : [];
            this.add(String(id), restore(rest));
        }
        for (const id of Array.isArray(cut) ? cut : [])
            this.cut.add(String(id));
        for (const id of Array.isArray(maybe) ? maybe : [])
            this.maybe.add(String(id));
    }
    has(id) {
        return this.sessions.has(id);
    }
    get(id) {
        return this.sessions.get(id);
    }
    connected(id, session) {
        if (this.frozen)
            return;
        const { before: _, ...before } = this.sessions.get(id) ?? NOBODY;
        const { ip, user } = session;
        this.sessions.delete(id);
        this.add(own(id), {
            ...session,
            ip: ip === undefined ? undefined : own(ip),
            user: user === undefined ? undefined : own(user),
            ...(before.unannounced && { before }),
        });
        if (this.sessions.size <= MAX_SESSIONS)
            return;
        for (const oldest of this.sessions.keys()) {
            this.remove(oldest);
            break;
        }
    }
    /** A client connected whose id was cut. */
    connectedCut(shown) {
        if (!this.frozen && shown !== '')
            remember(this.cut, shown);
    }
    /** A client connected that has one of these ids. */
    connectedMaybe(ids) {
        if (this.frozen)
            return;
        for (const id of ids)
            if (this.imitates(id))
                remember(this.maybe, id);
    }
    /** Another line has told the whole id. */
    forgetCut(shown) {
        if (!this.frozen)
            this.cut.delete(shown);
    }
    /** True when a connected client's cut id is what stands at a place of a text. */
    isCut(text, at) {
        for (const shown of this.cut)
            if (text.startsWith(shown, at) || shown.startsWith(text.slice(at)))
                return true;
        return false;
    }
    /** True when a client is connected whose id was cut, or could be read in several ways, and may be this one. */
    mayBe(id) {
        if (this.maybe.has(id))
            return true;
        for (const shown of this.cut) {
            if (id.startsWith(shown) ||
                (shown.startsWith(id) && TAIL.startsWith(shown.slice(id.length, id.length + TAIL.length))))
                return true;
        }
        return false;
    }
    /**
     * The client has left. Returns what was known of its connection: where it may have been one that the client took over,
     * only what both have.
     */
    gone(id) {
        const session = this.sessions.get(id);
        if (session === undefined || this.frozen)
            return session;
        const { before, ...now } = session;
        if (before === undefined) {
            this.remove(id);
            return session;
        }
        this.sessions.set(id, now);
        const same = (a, b) => (a === b ? a : undefined);
        return {
            since: undefined,
            ip: same(now.ip, before.ip),
            port: undefined,
            user: same(now.user, before.user),
            protocol: same(now.protocol, before.protocol),
            unannounced: true,
        };
    }
    /** True when a connected client's id and a blank are what a text begins with, and that id looks like a line. */
    mayImitate(text) {
        const begins = (id) => text.startsWith(id) && text.charCodeAt(id.length) === 0x20;
        for (const id of this.imitators)
            if (begins(id))
                return true;
        for (const id of this.maybe)
            if (begins(id))
                return true;
        for (const shown of this.cut)
            if (text.startsWith(shown))
                return true;
        return false;
    }
    /** The broker has started anew: nobody is connected. */
    clear() {
        if (this.frozen)
            return;
        this.sessions.clear();
        this.imitators.clear();
        this.cut.clear();
        this.maybe.clear();
    }
    state() {
        return [
            [...this.sessions].map(([id, session]) => [id, ...saved(session)]),
            [...this.cut],
            [...this.maybe],
        ];
    }
    add(id, session) {
        this.sessions.set(id, session);
        if (this.imitates(id))
            this.imitators.add(id);
    }
    remove(id) {
        this.sessions.delete(id);
        this.imitators.delete(id);
    }
}
function remember(few, text) {
    few.add(own(text));
    if (few.size <= MAX_CUT)
        return;
    for (const oldest of few) {
        few.delete(oldest);
        break;
    }
}
function saved(session) {
    const { since, ip, port, user, protocol, unannounced, before } = session;
    return [
        since ?? null,
        ip ?? null,
        port ?? null,
        user ?? null,
        protocol ?? null,
        unannounced,
        ...(before === undefined ? [] : [saved(before)]),
    ];
}
function restore(state) {
    const [since, ip, port, user, protocol, unannounced, before] = state;
    const text = (value) => typeof value === 'string' ? value : undefined;
    const number = (value) => typeof value === 'number' ? value : undefined;
    return {
        since: number(since),
        ip: text(ip),
        port: number(port),
        user: text(user),
        protocol: text(protocol),
        unannounced: unannounced === true,
        ...(Array.isArray(before) && { before: restore(before) }),
    };
}
/** A copy of its own: a text cut from a chunk of the log would keep the whole chunk in memory. */
export function own(text) {
    return Buffer.from(text, 'utf16le').toString('utf16le');
}
