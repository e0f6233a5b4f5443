import { Mark } from '../core/event.js';
import { ACTIONS, streamType } from './actions.js';
import { fieldType } from './catalogue.js';
import { quote } from './json.js';
/** Slots that every event has, before those of its kind. `event.id` comes first: its column is fixed. */
export const BASE_SLOTS = [
    'event.id',
    'event.sequence',
    'event.created',
    '@timestamp',
    'message',
    'log.offset',
    'mqtt.log.length',
    'event.original',
];
/** Bits of a shape's key, beside those of `Mark` (the lowest five) and those that `Template.bits` gives. */
export const HAS_OFFSET = 1 << 5;
export const HAS_LENGTH = 1 << 6;
export const HAS_ORIGINAL = 1 << 7;
const FIRST_BIT = 8;
const CREATED = BASE_SLOTS.indexOf('event.created');
const TIMESTAMP = BASE_SLOTS.indexOf('@timestamp');
const OFFSET = BASE_SLOTS.indexOf('log.offset');
const LENGTH = BASE_SLOTS.indexOf('mqtt.log.length');
const ORIGINAL = BASE_SLOTS.indexOf('event.original');
/** The text around the values of one combination of present values, at one moment. */
export class Shape {
    /** Which value follows each segment: an index into `BASE_SLOTS`, or `BASE_SLOTS.length` + index of the kind's slot. */
    order;
    /** For each value: the segments around it have its quotation marks. */
    quoted;
    /** All segments are ASCII. */
    ascii;
    parts;
    slots;
    moment;
    current = [];
    /**
     * @param parts one more than `slots`: text before, between and behind the values
     * @param slots what stands between the parts, as in `order`, with the two times
     */
    constructor(parts, slots, isText) {
        this.parts = parts;
        this.slots = slots;
        this.order = slots.filter((slot) => !isTime(slot));
        this.quoted = this.order.map(isText);
        this.ascii = parts.every(isAscii);
    }
    /** One more than `order`: text before, between and behind the values. */
    segments(moment) {
        if (moment !== this.moment) {
            this.moment = moment;
            this.current = this.fill(moment);
        }
        return this.current;
    }
    fill({ created, stamp }) {
        const segments = [];
        let text = this.parts[0] ?? '';
        for (const [k, slot] of this.slots.entries()) {
            const next = this.parts[k + 1] ?? '';
            if (isTime(slot)) {
                text += (slot === CREATED ? created : stamp) + next;
            }
            else {
                segments.push(flat(text));
                text = next;
            }
        }
        segments.push(flat(text));
        return segments;
    }
}
function isTime(slot) {
    return slot === CREATED || slot === TIMESTAMP;
}
/** The same text in one piece: V8 joins texts lazily, and looking at a character makes it do the work once for all uses. */
function flat(text) {
    text.charCodeAt(0);
    return text;
}
const MARKS = (1 << 5) - 1;
/** Keys that are larger are slow to look up. */
const KEY_BITS = 30;
/** Slots of a kind whose presence is part of `key`; that of further ones is part of `more`. */
export const KEY_SLOTS = KEY_BITS - FIRST_BIT;
const MAX_SLOTS = KEY_SLOTS + KEY_BITS;
/** Types of the catalogue whose values are JSON strings. */
const TEXT_TYPES = new Set(['keyword', 'match_only_text', 'date', 'ip']);
/** A kind of event compiled for one source: gives the shape for each combination of present values. */
export class Template {
    /** Name of the data stream, `logs-mqtt.message-default`. */
    stream;
    dataset;
    /**
     * For each slot of the kind, what a present value adds to the key: bits[2 * n] a value, bits[2 * n + 1] `true`. Where
     * the two differ, `true` and `false` become part of the shape.
     */
    bits;
    kind;
    envelope;
    provider;
    shapes = new Map();
    /** Shapes with further slots, by `more`. */
    further = new Map();
    /** @throws RangeError when the kind has too many slots */
    constructor(kind, envelope, provider, namespace) {
        this.kind = kind;
        this.envelope = envelope;
        this.provider = provider;
        this.dataset = ACTIONS[kind.action].dataset;
        this.stream = `${streamType(this.dataset)}-${this.dataset}-${namespace}`;
        if (kind.slots.length > MAX_SLOTS)
            throw new RangeError(`kind ${kind.code} has too many slots`);
        const bits = [];
        let truth = FIRST_BIT + Math.min(kind.slots.length, KEY_SLOTS);
        for (const [n, name] of kind.slots.entries()) {
            if (n >= KEY_SLOTS) {
                const present = 1 << (n - KEY_SLOTS);
                bits.push(present, present);
                continue;
            }
            const present = 1 << (FIRST_BIT + n);
            const folds = fieldType(name) === 'boolean' && truth < KEY_BITS;
            bits.push(present, folds ? present | (1 << truth++) : present);
        }
        this.bits = bits;
    }
    /**
     * @param key bits of `Mark`, `HAS_OFFSET`, `HAS_LENGTH`, `HAS_ORIGINAL` and those of the present values
     * @param more bits of the present values from slot `KEY_SLOTS` on
     */
    shape(key, more) {
        let shapes = this.shapes;
        if (more !== 0) {
            shapes = this.further.get(more) ?? new Map();
            this.further.set(more, shapes);
        }
        let shape = shapes.get(key);
        if (shape === undefined) {
            shape = this.compile(key, more);
            shapes.set(key, shape);
        }
        return shape;
    }
    compile(key, more) {
        const tree = new Map();
        const filled = new Set();
        const names = [...BASE_SLOTS, ...this.kind.slots];
        for (const [slot, name] of names.entries()) {
            const leaf = this.leaf(key, more, slot);
            if (leaf === undefined)
                continue;
            insert(tree, name, leaf);
            filled.add(name);
        }
        for (const [name, value] of Object.entries(this.constants(key & MARKS))) {
            if (filled.has(name))
                continue;
            insert(tree, name, { constant: JSON.stringify(value) });
        }
        const parts = [];
        const slots = [];
        const isText = (slot) => TEXT_TYPES.has(fieldType(names[slot] ?? ''));
        const last = render(tree, '', parts, slots, isText);
        parts.push(`${last}\n`);
        return new Shape(parts, slots, isText);
    }
    /** What stands in the place of a slot; undefined: nothing. */
    leaf(key, more, slot) {
        if (slot === OFFSET)
            return (key & HAS_OFFSET) === 0 ? undefined : { slot };
        if (slot === LENGTH)
            return (key & HAS_LENGTH) === 0 ? undefined : { slot };
        if (slot === ORIGINAL)
            return (key & HAS_ORIGINAL) === 0 ? undefined : { slot };
        if (slot < BASE_SLOTS.length)
            return { slot };
        const n = 2 * (slot - BASE_SLOTS.length);
        const present = this.bits[n] ?? 0;
        const truth = this.bits[n + 1] ?? 0;
        const inMore = slot - BASE_SLOTS.length >= KEY_SLOTS;
        if (((inMore ? more : key) & present) === 0)
            return undefined;
        return truth === present ? { slot } : { constant: String((key & truth) === truth) };
    }
    constants(marks) {
        const { kind } = this;
        const facts = ACTIONS[kind.action];
        const outcome = kind.outcome ?? facts.outcome;
        const tags = Array.isArray(this.envelope.tags) ? [...this.envelope.tags] : [];
        if (marks & Mark.invalidUtf8)
            tags.push('invalid_utf8');
        if (marks & Mark.ambiguousTime)
            tags.push('ambiguous_time');
        return {
            'event.kind': facts.kind,
            'event.category': facts.category,
            'event.type': facts.type,
            'event.action': kind.action,
            ...(outcome && { 'event.outcome': outcome }),
            'event.module': 'mqtt',
            'event.dataset': facts.dataset,
            'event.provider': kind.provider ?? this.provider,
            'event.code': kind.code,
            ...(kind.level && { 'log.level': kind.level }),
            'data_stream.type': streamType(facts.dataset),
            'data_stream.dataset': facts.dataset,
            ...this.envelope,
            ...kind.constants,
            ...(tags.length > 0 && { tags }),
            ...(marks & Mark.truncated && { 'mqtt.truncated': true }),
            ...(marks & Mark.ambiguous && { 'mqtt.ambiguous': true }),
            ...(marks & Mark.derived && { 'mqtt.derived': true }),
        };
    }
}
function insert(tree, name, leaf) {
    const path = name.split('.');
    let node = tree;
    for (const key of path.slice(0, -1)) {
        const next = node.get(key);
        if (next instanceof Map) {
            node = next;
        }
        else {
            const made = new Map();
            node.set(key, made);
            node = made;
        }
    }
    node.set(path.at(-1) ?? name, leaf);
}
/** Walks the tree in order; `text` is what has been said since the last value. Returns what remains behind the last one. */
function render(tree, text, segments, order, isText) {
    let out = `${text}{`;
    let first = true;
    for (const [key, node] of tree) {
        out += `${first ? '' : ','}"${quote(key)}":`;
        first = false;
        if (node instanceof Map) {
            out = render(node, out, segments, order, isText);
        }
        else if ('constant' in node) {
            out += node.constant;
        }
        else {
            const mark = isText(node.slot) ? '"' : '';
            segments.push(out + mark);
            order.push(node.slot);
            out = mark;
        }
    }
    return `${out}}`;
}
function isAscii(text) {
    for (let i = 0; i < text.length; i++)
        if (text.charCodeAt(i) > 0x7f)
            return false;
    return true;
}
