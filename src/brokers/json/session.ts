import type { FieldTable, MqttMessage, Session, StreamInfo } from '../../core/dialect.ts';
import { UnparsedRecord } from '../../core/errors.ts';
import type { Action, Emit, EventKind, JsonObject, JsonValue, Slot } from '../../core/event.ts';
import { topicDepth, topicRoot } from '../../core/mqtt/topic.ts';
import { BROKER_ACTIONS } from '../../ecs/actions.ts';
import { CATALOGUE, type FieldName } from '../../ecs/catalogue.ts';
import { defineKind } from '../../ecs/kind.ts';
import { PAYLOAD_SLOTS, payloadValues } from '../../ecs/payload.ts';
import { payloadOf } from './payload.ts';
import { find, readRecord, type Table, tableOf } from './table.ts';
import { type Convert, converterOf, textOf, timeOf } from './values.ts';

/** Fields that are read by rules of their own. */
const SPECIAL: ReadonlySet<string> = new Set([
  '@timestamp',
  'message',
  'event.action',
  'mqtt.payload.text',
  'mqtt.payload.base64',
]);
const MADE = ['mqtt.topic_root', 'mqtt.topic_depth', 'mqtt.payload.size', ...PAYLOAD_SLOTS] as const;

/** Reads JSON objects by the `fields` table. What the table does not name is left out. */
export class JsonSession implements Session {
  private readonly stream: StreamInfo;
  private readonly emit: Emit;
  private readonly table: Table;
  private readonly columns: readonly { readonly name: FieldName; readonly convert: Convert }[];
  private readonly kinds = new Map<Action, EventKind>();
  /** All records are this; undefined: a key tells. */
  private readonly only: Action | undefined;

  constructor(stream: StreamInfo, emit: Emit) {
    this.stream = stream;
    this.emit = emit;
    const { fields = {} } = stream;
    this.table = tableOf(fields);
    this.columns = [...this.table.keys()]
      .filter((name): name is FieldName => Object.hasOwn(CATALOGUE, name) && !SPECIAL.has(name))
      .map((name) => ({ name, convert: converterOf(name) }));
    this.only = actionOf(fields['event.action']);
  }

  line(text: string, seen: number): void {
    if (this.stream.fields === undefined) throw new UnparsedRecord('no "fields" say how to read this', '');
    const record = readRecord(text);
    // What it is a piece of may hold anything.
    if (record === undefined) throw new UnparsedRecord('this is no JSON object', '');
    const word = textOf(this.find(record, 'event.action'));
    const action = this.only ?? actionOf(word) ?? 'broker-log';
    const topic = textOf(this.find(record, 'mqtt.topic'));
    const { size, captured } = payloadOf(record, this.table, this.stream.payload);
    const values: Slot[] = this.columns.map(({ name, convert }) => convert(this.find(record, name)));
    values.push(
      topic === undefined ? undefined : topicRoot(topic, this.stream.topicRoot),
      topic === undefined ? undefined : topicDepth(topic),
      size,
      ...payloadValues(captured),
    );
    const time = timeOf(this.find(record, '@timestamp')) ?? seen;
    const message = textOf(this.find(record, 'message')) ?? [word ?? action, topic].join(' ').trim();
    this.emit(this.kindOf(action), time, message, values);
  }

  /** @throws UnparsedRecord */
  message({ topic }: MqttMessage): void {
    throw new UnparsedRecord(`JSON lines have no topic ${topic.slice(0, 200)}`, '');
  }

  state(): JsonObject {
    return {};
  }

  private find(record: JsonObject, field: string): JsonValue | undefined {
    return find(record, this.table, field);
  }

  private kindOf(action: Action): EventKind {
    const known = this.kinds.get(action);
    if (known !== undefined) return known;
    const slots = [...this.columns.map(({ name }) => name), ...MADE];
    const kind = defineKind({ code: 'json.record', action, slots });
    this.kinds.set(action, kind);
    return kind;
  }
}

function actionOf(word: FieldTable[string] | undefined): Action | undefined {
  return typeof word === 'string' && BROKER_ACTIONS.has(word) ? (word as Action) : undefined;
}
