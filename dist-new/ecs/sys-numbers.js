import { bounded } from '../core/bounded.js';
const PREFIX = 'mqtt.broker.';
/** Topics that are kept without a field of their own. */
const MAX_OTHER = 100;
/** Topics of one interval by which its end is found. */
const MAX_TOPICS = 1000;
const NUMBER = /^-?\d{1,18}(?:\.\d{1,6})?$/;
const TEXT_CHARS = 256;
/**
 * All numbers of one interval in one event. Its slot `mqtt.broker` is the object above the fields of the catalogue: there
 * are more of them than a kind may have slots.
 */
const SYS_METRICS = {
    code: 'sys.metrics',
    action: 'sys-metrics',
    provider: 'sys-topics',
    constants: {},
    slots: ['service.node.name', 'mqtt.broker', 'mqtt.sys.other'],
};
/** The number that a payload is, in plain digits as both families of brokers write them; undefined: none. */
export function sysNumber(text) {
    return NUMBER.test(text) ? Number(text) : undefined;
}
/**
 * Collects the numbers that one node of a broker publishes in each interval. An interval is over with the topic that was
 * the last one of the interval before, else when a topic comes again. The first interval makes no document: it holds what
 * was retained, or the rest of an interval that had begun before.
 */
export class SysNumbers {
    keeps;
    fields;
    facts;
    other;
    /** Topics of this interval. */
    topics;
    /** The topic that ends an interval. */
    last;
    newest;
    time;
    isFirst;
    /** This interval has made its document; what still comes of it shows that another topic is the last one. */
    isTold;
    /**
     * @param keeps the broker says a number again only when it has changed
     * @param saved what `state` gave
     */
    constructor(keeps, saved) {
        const state = isObject(saved) ? saved : {};
        this.keeps = keeps;
        this.fields = new Map(entriesOf(state.fields));
        this.facts = new Map(entriesOf(state.facts));
        this.other = new Map(entriesOf(state.other));
        this.topics = new Set(Array.isArray(state.topics) ? state.topics.map(String) : []);
        this.last = typeof state.last === 'string' ? state.last : undefined;
        this.newest = typeof state.newest === 'string' ? state.newest : '';
        this.time = typeof state.time === 'number' ? state.time : 0;
        this.isFirst = state.isFirst !== false;
        this.isTold = state.isTold === true;
    }
    /**
     * Takes one message.
     * @param topic its topic, or the part of it that tells the number
     * @param field undefined: a topic that nobody knows
     * @param seen milliseconds since 1970
     * @returns the document of the interval that is over now
     */
    take(topic, field, text, seen) {
        const complete = this.topics.has(topic) ? this.begin() : undefined;
        if (this.topics.size < MAX_TOPICS)
            this.topics.add(topic);
        this.newest = topic;
        this.time = seen;
        const value = sysNumber(text);
        if (field === undefined)
            this.note(topic, value ?? text.slice(0, TEXT_CHARS));
        else if (value !== undefined)
            this.fields.set(field, value);
        return complete ?? (topic === this.last ? this.end() : undefined);
    }
    /** Sets a number that is said at times of its own. */
    set(field, value) {
        this.facts.set(field, value);
    }
    /** Ends the interval before anything tells that it is over. @returns its document, where it has made none */
    end() {
        if (this.isFirst || this.isTold || this.topics.size === 0)
            return undefined;
        this.isTold = true;
        const fields = new Map([...this.facts, ...this.fields]);
        return fields.size + this.other.size === 0
            ? undefined
            : { time: this.time, fields, other: new Map(this.other) };
    }
    /** Nothing will follow: ends the interval, the first one too. */
    finish() {
        this.isFirst = false;
        return this.end();
    }
    /** The broker has started anew, or was not heard for long: nothing of before holds. */
    clear() {
        this.fields.clear();
        this.facts.clear();
        this.other.clear();
        this.topics.clear();
        this.isFirst = true;
        this.isTold = false;
    }
    /** Plain JSON for `Session.state`, bounded. */
    state() {
        const { last, newest, time, isFirst, isTold } = this;
        return {
            fields: [...this.fields],
            facts: [...this.facts],
            other: [...this.other],
            topics: [...this.topics],
            ...(last !== undefined && { last }),
            newest,
            time,
            isFirst,
            isTold,
        };
    }
    begin() {
        const complete = this.end();
        this.last = this.newest;
        this.isFirst = false;
        this.isTold = false;
        this.topics.clear();
        if (!this.keeps) {
            this.fields.clear();
            this.other.clear();
        }
        return complete;
    }
    note(topic, value) {
        if (this.other.has(topic) || this.other.size < MAX_OTHER)
            this.other.set(topic, value);
    }
}
/** Emits the document of one interval. @param node undefined: the broker has no nodes */
export function emitSysNumbers({ time, fields, other }, node, emit) {
    const broker = {};
    for (const [field, value] of fields)
        insert(broker, field.slice(PREFIX.length).split('.'), value);
    const values = [
        node,
        fields.size === 0 ? undefined : broker,
        other.size === 0 ? undefined : bounded(Object.fromEntries(other)),
    ];
    const where = node === undefined ? '' : ` of ${node}`;
    emit(SYS_METRICS, time, `$SYS${where}: ${fields.size + other.size} numbers`, values);
}
function insert(tree, path, value) {
    const [key = '', ...rest] = path;
    if (rest.length === 0) {
        tree[key] = value;
        return;
    }
    const below = tree[key];
    const next = typeof below === 'object' ? below : {};
    tree[key] = next;
    insert(next, rest, value);
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
/** Entries of a map that `state` has written. */
function entriesOf(saved) {
    return Array.isArray(saved) ? saved : [];
}
