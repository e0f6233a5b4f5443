import { Mark, } from '../../core/event.js';
import { defineKind } from '../../ecs/kind.js';
import { LevelledKinds } from '../../ecs/levelled.js';
import { DeliveryTracker } from './deliveries.js';
import { Era, VERSION_2_0, versionNumber } from './era.js';
import { NO_CONTEXT } from './line.js';
import { LiveSessions } from './live-sessions.js';
import { acceptBridge } from './refusal.js';
import { dispatch } from './rules.js';
import { StampReader } from './stamp.js';
import { emitUnreadGrant, expectsGrant, readGrant, readGrantAlone } from './subscription.js';
import { MosquittoNumbers } from './sys.js';
import { Waiting } from './waiting.js';
const LOG_LINE = defineKind({ code: 'mosquitto.log', action: 'broker-log' });
const LOG_ERROR = defineKind({ code: 'mosquitto.log', action: 'broker-log', level: 'error' });
const LOG_WARNING = defineKind({ code: 'mosquitto.log', action: 'broker-log', level: 'warning' });
/** A further physical line of a message: of two lines, or with a line break in a name. */
const CONTINUATION = defineKind({ code: 'mosquitto.continuation', action: 'broker-log' });
/** A line that may as well be text of a client. */
const DOUBTFUL = defineKind({ code: 'mosquitto.doubtful', action: 'broker-log' });
/** From 2.0 on a line with its stamp has at most 999 bytes; the broker cuts it without a word. */
const MAX_LINE_BYTES = 999;
/** Up to 1.6 a message has at most so many bytes more than its format. */
const MAX_BEYOND_FORMAT = 499;
const START = 'mosquitto version ';
/** Second line of a message of two (2.0.16 and later). */
const SECOND_LINE = 'To fix this, use `';
const LOG_TOPIC = '$SYS/broker/log/';
/** Level by the last part of the topic (Mosquitto's `log_dest topic`). */
const LEVELS = {
    E: 'error',
    W: 'warning',
    N: 'notice',
    I: 'info',
    D: 'debug',
    WS: 'debug',
    'M/subscribe': 'notice',
    'M/unsubscribe': 'notice',
};
/** Reads the log of one Mosquitto. */
export class MosquittoSession {
    time = 0;
    number = 0;
    cut = false;
    context = NO_CONTEXT;
    next = NO_CONTEXT;
    seesGrants = false;
    version;
    live;
    waiting;
    era;
    tracker;
    /** Of the `$SYS` topics; undefined: none has come. */
    numbers;
    ownClients;
    topicRoot;
    stamps;
    sink;
    levelled = new LevelledKinds();
    text = '';
    marks = Mark.none;
    /** Last part of the topic that the line came by. */
    letter;
    /** Debug lines are in this log: lines about subscriptions never stand alone. */
    seesDebug = false;
    /** Lines about subscriptions stand alone in this log: such a line can be any text. */
    seesLoneGrants = false;
    /** Nothing is emitted and nothing changes. */
    isDry = false;
    constructor(stream, emit, state) {
        this.ownClients = stream.ownClients;
        this.topicRoot = stream.topicRoot;
        this.sink = emit;
        this.stamps = new StampReader(stream.stamp, stream.timezone, this.knows, state?.stamps);
        this.live = new LiveSessions(dispatch.imitates, state?.sessions);
        this.waiting = new Waiting(state?.waiting);
        this.era = new Era(state?.era);
        this.tracker = stream.deliveries && new DeliveryTracker(stream.ownClients, this.live, stream.deliveries);
        this.numbers = state?.numbers === undefined ? undefined : new MosquittoNumbers(state.numbers);
        this.version = typeof state?.version === 'string' ? state.version : undefined;
        this.seesGrants = state?.seesGrants === true;
        this.seesDebug = state?.seesDebug === true;
        this.seesLoneGrants = state?.seesLoneGrants === true;
        this.context = contextOf(state?.context);
    }
    line(text, seen, marks) {
        const { context } = this;
        const isBound = context.type !== 'none' && (context.type === 'broken' || expectsGrant(this));
        const stamp = this.stamps.read(text, seen, isBound);
        this.time = stamp.time;
        this.number++;
        this.marks = marks | stamp.marks;
        const isFull = text.length > MAX_LINE_BYTES / 3 && Buffer.byteLength(text) >= MAX_LINE_BYTES;
        this.cut = (marks & Mark.truncated) !== 0 || (isFull && !this.era.isBefore(VERSION_2_0));
        if (this.cut)
            this.marks |= Mark.truncated;
        this.text = stamp.at === 0 ? text : text.substring(stamp.at);
        this.next = NO_CONTEXT;
        if (stamp.isMissing)
            this.readContinuation();
        else
            this.read();
        if (context.type === 'connected')
            this.leave(context, this.next);
        this.context = this.next;
    }
    message(message) {
        const { topic, payload, seen } = message;
        if (!topic.startsWith(LOG_TOPIC)) {
            this.numbers ??= new MosquittoNumbers();
            this.version = this.numbers.message(message, this.sink) ?? this.version;
            return;
        }
        this.letter = topic.slice(LOG_TOPIC.length);
        const text = payload.toString('utf8');
        const broken = text.includes('\ufffd') && !Buffer.from(text).equals(payload);
        this.line(text, seen, broken ? Mark.invalidUtf8 : Mark.none);
        this.letter = undefined;
    }
    finish() {
        this.numbers?.finish(this.sink);
    }
    emit(kind, values, marks = Mark.none) {
        if (this.isDry)
            return;
        if (kind.level === 'debug')
            this.seesDebug = true;
        const level = this.letter === undefined ? undefined : LEVELS[this.letter];
        this.sink(this.levelled.of(kind, level), this.time, this.text, values, marks | this.marks);
    }
    get deliveries() {
        return this.isDry ? undefined : this.tracker;
    }
    emitUnsure(kind) {
        this.emit(kind, [], Mark.ambiguous);
    }
    derive(kind, message, values) {
        if (!this.isDry)
            this.sink(kind, this.time, message, values, Mark.derived);
    }
    cutAt(formatLength) {
        if (this.cut)
            return true;
        const { text } = this;
        const limit = formatLength + MAX_BEYOND_FORMAT;
        if (text.length < limit / 3 || this.era.isSince(VERSION_2_0))
            return false;
        return Buffer.byteLength(text) === limit;
    }
    broken(kind, end) {
        const bytes = MAX_LINE_BYTES - Buffer.byteLength(this.text);
        this.next = { type: 'broken', level: kind.level, end, bytes };
    }
    restarted(version) {
        if (this.isDry)
            return;
        this.live.clear();
        this.waiting.restart();
        this.tracker?.restarted();
        this.era.is(version);
        this.version = version;
        this.seesDebug = false;
        this.seesLoneGrants = false;
        this.stamps.mayChange(false);
    }
    tells(version) {
        if (this.isDry)
            return;
        const told = versionNumber(version);
        this.era.narrow(told, told);
        this.version = version;
    }
    reloaded() {
        if (this.isDry)
            return;
        this.seesDebug = false;
        this.seesGrants = false;
        this.stamps.mayChange(true);
    }
    state() {
        const { version, context } = this;
        return {
            stamps: this.stamps.state(),
            sessions: this.live.state(),
            waiting: this.waiting.state(),
            era: this.era.state(),
            ...(version !== undefined && { version }),
            seesGrants: this.seesGrants,
            seesDebug: this.seesDebug,
            seesLoneGrants: this.seesLoneGrants,
            context: JSON.parse(JSON.stringify(context)),
            ...(this.numbers && { numbers: this.numbers.state() }),
        };
    }
    /** True when a text begins as a message does; the probe's own subscriptions are the first that a mirror may see. */
    knows = (text) => {
        if (dispatch.knows(text))
            return true;
        for (const id of this.ownClients)
            if (text.startsWith(`${id} `))
                return true;
        return false;
    };
    read() {
        const { text, context, letter } = this;
        if (context.type === 'broken') {
            this.readBehindBreak(context);
            return;
        }
        if (letter?.startsWith('M/') === true) {
            this.readGrantTopic(letter.slice(2));
            return;
        }
        if (context.type !== 'none' && expectsGrant(this) && readGrant(text, this))
            return;
        if (context.type === 'bridge-connack')
            acceptBridge(text, context.client, this);
        if (this.isDoubtful(text)) {
            this.emit(DOUBTFUL, [], Mark.ambiguous);
            return;
        }
        if (dispatch.read(text, this))
            return;
        if (letter === undefined && readGrantAlone(text, this)) {
            this.seesLoneGrants = true;
            return;
        }
        this.readUnknown();
    }
    readUnknown() {
        const { text } = this;
        const isOldCut = text.length > MAX_BEYOND_FORMAT / 3 &&
            !this.era.isSince(VERSION_2_0) &&
            Buffer.byteLength(text) > MAX_BEYOND_FORMAT;
        const kind = this.cut || isOldCut ? dispatch.kindOf(text) : undefined;
        if (kind !== undefined)
            this.emit(kind, [], Mark.truncated);
        else
            this.emit(text.startsWith('Error') ? LOG_ERROR : text.startsWith('Warning') ? LOG_WARNING : LOG_LINE, []);
    }
    /**
     * Without debug lines a subscription's line `ID FILTER` stands alone and can be any text. Where a connected client's id
     * begins a line of a known format, that line may be such a one.
     */
    isDoubtful(text) {
        if (this.seesDebug || this.letter !== undefined || !this.live.mayImitate(text))
            return false;
        if (!this.seesLoneGrants && !text.startsWith(START))
            return false;
        return this.wouldRead(text);
    }
    /** A dry run: true when the text is a line of a known format. */
    wouldRead(text) {
        const { next, seesGrants } = this;
        this.isDry = true;
        this.live.frozen = true;
        this.waiting.frozen = true;
        this.era.frozen = true;
        const isRead = dispatch.read(text, this);
        const would = this.next;
        this.isDry = false;
        this.live.frozen = false;
        this.waiting.frozen = false;
        this.era.frozen = false;
        // If it is one, there is a client more whose text can look like a line.
        if (would.type === 'connected') {
            this.live.connectedMaybe(would.candidates.map(({ client }) => client));
            if (would.shown !== undefined)
                this.live.connectedCut(would.shown);
        }
        this.next = next;
        this.seesGrants = seesGrants;
        return isRead;
    }
    readGrantTopic(type) {
        this.next = NO_CONTEXT;
        if (this.stamps.isOpen && this.text.includes(': '))
            emitUnreadGrant(type, this);
        else if (!readGrantAlone(this.text, this, type))
            this.emit(LOG_LINE, []);
    }
    /** A line without stamp where lines have one: no message of its own. */
    readContinuation() {
        const { text, context } = this;
        if (text.startsWith(SECOND_LINE) && dispatch.read(text, this))
            return;
        if (context.type === 'broken')
            this.stay(context);
        else
            this.next = context;
        this.emit(this.levelled.of(CONTINUATION, context.type === 'broken' ? context.level : undefined), []);
    }
    /** What follows a line break in a name may be that name, and look like any line. */
    readBehindBreak(context) {
        this.stay(context);
        const isEnd = this.text.endsWith(context.end);
        const kind = isEnd && !this.wouldRead(this.text) ? CONTINUATION : DOUBTFUL;
        this.emit(this.levelled.of(kind, context.level), [], kind === DOUBTFUL ? Mark.ambiguous : Mark.none);
    }
    /** The name goes on until a line has the end of its format, but not longer than the broker lets a message be. */
    stay(context) {
        const bytes = context.bytes - Buffer.byteLength(this.text) - 1;
        if (!this.text.endsWith(context.end) && bytes > 0)
            this.next = { ...context, bytes };
    }
    /** The lines of a connect are over. A client whose id they did not tell is connected all the same. */
    leave(context, next) {
        if (context.candidates.length === 1)
            return;
        if (next.type === 'connected' || next.type === 'will')
            return;
        if (!context.candidates.some(({ client }) => this.live.has(client)))
            this.waiting.miss();
    }
}
/** What `state` saved; anything else is no context. */
function contextOf(saved) {
    return typeof saved === 'object' && saved !== null && 'type' in saved ? saved : NO_CONTEXT;
}
