import type { Emit, JsonObject } from './event.ts';

/** How one kind of broker speaks. Holds no state: everything learnt from a stream lives in its sessions. */
export interface Dialect {
  /** `service.type`, and the word users write for `broker:`. */
  readonly name: string;
  /** `event.provider` of events read from log lines. */
  readonly provider: string;
  /** What a line is to its entry, told by the line alone. Absent: every line is an entry. */
  readonly role?: (line: string) => LineRole;
  /** A record as it may be kept, without secrets and payloads. Absent: as it is. */
  readonly original?: (text: string) => string;
  /**
   * A record as it is put into a journal: in the place of its payload stands what events tell of it. Absent: as it came.
   * @param isCut it is the head of a longer one
   */
  readonly admit?: (record: Buffer, isCut: boolean, stream: Pick<StreamInfo, 'payload' | 'fields'>) => Buffer;
  /** Tells the topics whose messages `Session.message` reads; the others are mirrored. Absent: none but `$SYS/broker/log/#`. */
  readonly owns?: (topic: string) => boolean;
  /** How the broker shows in its own topics that it is alive. Absent: it does not. */
  readonly pulse?: Pulse;
  /**
   * Opens the reading of one source.
   * @param state what `Session.state` gave at the position from which reading starts
   */
  open(stream: StreamInfo, emit: Emit, state?: JsonObject): Session;
}

/**
 * `begins`: the first line of an entry that may have more; `whole`: an entry of one line; `continues`: it belongs to the
 * entry before it, and is an entry of its own where there is none.
 */
export type LineRole = 'begins' | 'whole' | 'continues';

/** Signs of life that a broker publishes at regular intervals. */
export interface Pulse {
  /** The node that shows itself alive by a message of this topic, '' where there are no nodes; undefined: none does. */
  nodeOf(topic: string): string | undefined;
  /** The nodes of the cluster, where a message lists them. Absent: none does. */
  nodesIn?(topic: string, payload: Buffer): readonly string[] | undefined;
}

/** What a session may know about its source. */
export interface StreamInfo {
  /** IANA zone for stamps without one; undefined: the machine's. */
  readonly timezone?: string;
  /** strftime form of the stamp; undefined: detected. */
  readonly stamp?: string;
  /** Client ids of the probe's own connections to this broker. */
  readonly ownClients: ReadonlySet<string>;
  /** Told of each message that the log says the broker has sent to one of `ownClients`, in the order of the lines. */
  readonly deliveries?: (delivery: Delivery) => void;
  /** Levels of `mqtt.topic_root`. */
  readonly topicRoot: number;
  /**
   * What is kept of a payload that a record holds; absent: nothing.
   * @param isCut it is the head of a larger one
   */
  readonly payload?: (payload: Buffer, isCut: boolean) => CapturedPayload;
  /** How records of senders that no dialect knows are read: the `fields` table of the configuration. */
  readonly fields?: FieldTable;
}

/** Catalogue fields, each with the path of keys, joined by dots, at which a record has its value. */
export interface FieldTable {
  readonly [field: string]:
    | string
    | { readonly key: string; readonly words: Readonly<Record<string, string>> };
}

/** One PUBLISH from the broker to a client of the probe, as the broker's log tells it. */
export interface Delivery {
  /** The receiving client. */
  readonly client: string;
  /** Packet Identifier; undefined with QoS 0. */
  readonly packetId: number | undefined;
  /** Undefined: the broker cut the line. */
  readonly topic: string | undefined;
  /** Bytes of the payload. */
  readonly size: number;
  /** Undefined where the log leaves more than one possibility. */
  readonly publisher: Publisher | undefined;
}

/** Who published a message. */
export interface Publisher {
  readonly client: string;
  /** What the log has told of its connection; undefined: nothing for certain. */
  readonly user: string | undefined;
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

/**
 * Reads the records of one source in order and emits zero or more events for each, synchronously.
 * The same records from the same state give the same events.
 */
export interface Session {
  /**
   * One log line, without its line end, or one entry of several lines joined by LF where the dialect has a `role`.
   * @param text may be empty, and may be anything: clients write parts of it
   * @param seen milliseconds since 1970: the stamp of the container runtime, else when the probe read it
   * @param marks bits of `Mark` that the decoder already found
   * @throws UnparsedRecord when it is no log line
   */
  line(text: string, seen: number, marks: number): void;
  /** One message of the broker's own topics (`$SYS/…`). */
  message(message: MqttMessage): void;
  /** Nothing will ever follow: tells what waits for more. Absent: nothing does. */
  finish?(): void;
  /** Everything that the next record's reading depends on. Plain JSON, bounded in size. */
  state(): JsonObject;
  /** `service.version` once the stream has told it. */
  readonly version?: string | undefined;
}

/** An MQTT PUBLISH as a subscriber received it. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** Bytes of the payload, where `payload` is not all of it, byte for byte. */
  readonly size?: number;
  /** Bytes behind `payload` that were not kept: it is the head of a larger one. */
  readonly cutBytes?: number;
  /** What is kept of the payload, which itself was not; `payload` is empty then. */
  readonly captured?: CapturedPayload;
  /** CRC-32 of the payload that was not kept: by it a message that comes again is recognised. */
  readonly checksum?: number;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  /** Packet Identifier (MQTT 5 §2.2.1); undefined with QoS 0. */
  readonly packetId?: number;
  /** Milliseconds since 1970 when it was received. */
  readonly seen: number;
  readonly properties?: MqttProperties;
}

/** What an event says of a payload besides its size; undefined: nothing. */
export interface CapturedPayload {
  readonly encoding?: 'utf8' | 'json' | 'base64' | undefined;
  readonly text?: string | undefined;
  readonly base64?: string | undefined;
  readonly sha256?: string | undefined;
  readonly json?: JsonObject | undefined;
  readonly truncated?: boolean | undefined;
  readonly redacted?: boolean | undefined;
}

/** MQTT 5 PUBLISH properties (MQTT 5 §3.3.2.3) that reach a subscriber. */
export interface MqttProperties {
  readonly payloadFormatIndicator?: boolean;
  readonly messageExpiryInterval?: number;
  readonly responseTopic?: string;
  /** Base64. */
  readonly correlationData?: string;
  readonly contentType?: string;
  readonly subscriptionIdentifiers?: readonly number[];
  readonly userProperties?: Readonly<Record<string, string | readonly string[]>>;
}
