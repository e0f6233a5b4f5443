import { UnparsedRecord } from '../../core/errors.js';
import { topicDepth, topicRoot } from '../../core/topic.js';
import { BROKER_ACTIONS } from '../../ecs/actions.js';
import { CATALOGUE } from '../../ecs/catalogue.js';
import { defineKind } from '../../ecs/kind.js';
import { PAYLOAD_SLOTS, payloadValues } from '../../ecs/payload.js';
import { converterOf, isObject, textOf, timeOf } from './values.js';
/** Fields that are read by rules of their own. */
const SPECIAL = new Set([
    '@timestamp',
    'message',
    'event.action',
    'mqtt.payload.text',
    'mqtt.payload.base64',
]);
const MADE = ['mqtt.topic_root', 'mqtt.topic_depth', 'mqtt.payload.size', ...PAYLOAD_SLOTS];
/** Reads JSON objects by the `fields` table. What the table does not name is left out. */
export class JsonSession {
    stream;
    emit;
    entries;
    columns;
    kinds = new Map();
    /** All records are this; undefined: a key tells. */
    only;
    constructor(stream, emit) {
        this.stream = stream;
        this.emit = emit;
        const table = stream.fields ?? {};
        this.entries = new Map(Object.entries(table).map(([name, given]) => [name, entryOf(given)]));
        this.columns = Object.keys(table)
            .filter((name) => Object.hasOwn(CATALOGUE, name) && !SPECIAL.has(name))
            .map((name) => ({ name, convert: converterOf(name) }));
        this.only = actionOf(table['event.action']);
    }
    line(text, seen) {
        if (this.stream.fields === undefined)
            throw new UnparsedRecord('no "fields" say how to read this', '');
        const record = parse(text);
        // What it is a piece of may hold anything.
        if (record === undefined)
            throw new UnparsedRecord('this is no JSON object', '');
        const word = textOf(this.find(record, 'event.action'));
        const action = this.only ?? actionOf(word) ?? 'broker-log';
        const topic = textOf(this.find(record, 'mqtt.topic'));
        const { bytes, payload } = this.payload(record);
        const values = this.columns.map(({ name, convert }) => convert(this.find(record, name)));
        values.push(topic === undefined ? undefined : topicRoot(topic, this.stream.topicRoot), topic === undefined ? undefined : topicDepth(topic), bytes, ...payload);
        const time = timeOf(this.find(record, '@timestamp')) ?? seen;
        const message = textOf(this.find(record, 'message')) ?? [word ?? action, topic].join(' ').trim();
        this.emit(this.kindOf(action), time, message, values);
    }
    /** @throws UnparsedRecord */
    message({ topic }) {
        throw new UnparsedRecord(`JSON lines have no topic ${topic.slice(0, 200)}`, '');
    }
    state() {
        return {};
    }
    /** The value that a record has for a field; a word of theirs is replaced by ours. */
    find(record, field) {
        const entry = this.entries.get(field);
        if (entry === undefined)
            return undefined;
        let value = record;
        for (const key of entry.path) {
            if (!isObject(value) || !Object.hasOwn(value, key))
                return undefined;
            value = value[key];
        }
        const { words } = entry;
        const word = words === undefined ? undefined : String(value);
        return word !== undefined && Object.hasOwn(words ?? {}, word) ? words?.[word] : value;
    }
    payload(record) {
        const text = this.find(record, 'mqtt.payload.text');
        const base64 = this.find(record, 'mqtt.payload.base64');
        const bytes = typeof text === 'string'
            ? Buffer.from(text)
            : typeof base64 === 'string'
                ? Buffer.from(base64, 'base64')
                : undefined;
        if (bytes === undefined)
            return { bytes: undefined, payload: [] };
        return { bytes: bytes.length, payload: payloadValues(this.stream.payload?.(bytes, false)) };
    }
    kindOf(action) {
        const known = this.kinds.get(action);
        if (known !== undefined)
            return known;
        const slots = [...this.columns.map(({ name }) => name), ...MADE];
        const kind = defineKind({ code: 'json.record', action, slots });
        this.kinds.set(action, kind);
        return kind;
    }
}
function entryOf(given) {
    if (typeof given === 'string')
        return { path: given.split('.'), words: undefined };
    return { path: given.key.split('.'), words: given.words };
}
function actionOf(word) {
    return typeof word === 'string' && BROKER_ACTIONS.has(word) ? word : undefined;
}
function parse(text) {
    try {
        const value = JSON.parse(text);
        return isObject(value) ? value : undefined;
    }
    catch {
        return undefined;
    }
}
