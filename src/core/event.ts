/**
 * An event is a kind and a few values. The kind holds all that is the same for every event of one parser rule and is
 * encoded once; the values fill its slots.
 */

/** `event.action`: a closed list. `ecs/actions.ts` gives dataset, category, type and outcome of each. */
export type Action =
  | 'broker-log'
  | 'broker-started'
  | 'broker-stopped'
  | 'broker-configuration-reloaded'
  | 'broker-listener-opened'
  | 'bridge-connecting'
  | 'bridge-connected'
  | 'bridge-disconnected'
  | 'bridge-failed'
  | 'alarm-raised'
  | 'alarm-cleared'
  | 'log-throttled'
  | 'network-connection-opened'
  | 'client-connected'
  | 'client-connection-rejected'
  | 'client-disconnected'
  | 'session-created'
  | 'session-resumed'
  | 'session-taken-over'
  | 'session-expired'
  | 'client-authenticated'
  | 'client-authentication-failed'
  | 'tls-handshake-failed'
  | 'protocol-error'
  | 'will-registered'
  | 'client-state'
  | 'session-summary'
  | 'publish-authorized'
  | 'subscribe-authorized'
  | 'publish-denied'
  | 'subscribe-denied'
  | 'deliver-denied'
  | 'subscription-requested'
  | 'subscription-added'
  | 'unsubscription-requested'
  | 'subscription-removed'
  | 'message-published'
  | 'message-delivered'
  | 'message-acknowledged'
  | 'message-dropped'
  | 'will-published'
  | 'message-mirrored'
  | 'packet-received'
  | 'packet-sent'
  | 'audit-created'
  | 'audit-changed'
  | 'audit-deleted'
  | 'audit-accessed'
  | 'audit-login'
  | 'audit-command'
  | 'sys-metrics'
  | 'probe-started'
  | 'probe-stopped'
  | 'probe-heartbeat'
  | 'input-gap'
  | 'line-unparsed'
  | 'event-rejected'
  | 'anomaly-detected';

export type Outcome = 'success' | 'failure' | 'unknown';

/** The broker's own severity words as ECS `log.level` has them; by severity, which is also `event.severity` (RFC 5424 §6.2.1). */
export const LEVELS = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
] as const;
export type LogLevel = (typeof LEVELS)[number];

/** A value of one field; `undefined`: the field is absent from this event. Objects and arrays become JSON as they are. */
export type Slot = string | number | boolean | undefined | readonly (string | number)[] | JsonObject;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** All that is constant for the events of one parser rule. Made with `defineKind` of `ecs/kind.ts`. */
export interface EventKind {
  /** `event.code`: `<source>.<rule>`, `[a-z0-9_.]{1,64}`. */
  readonly code: string;
  readonly action: Action;
  /** Where it differs from the action's own outcome. */
  readonly outcome?: Outcome;
  readonly level?: LogLevel;
  /** `event.provider` where it differs from the dialect's. */
  readonly provider?: string;
  /** Catalogue fields with the same value in every event of this kind. */
  readonly constants: Readonly<Record<string, string | number | boolean>>;
  /** Catalogue fields, in the order in which `Emit` gets their values. At most 52. */
  readonly slots: readonly string[];
  /** Every text among the values is a piece of the message: what holds no character to escape there holds none here. */
  readonly verbatim?: true;
}

/** Bits of `Mark`: facts about the record an event came from, or about how it was read. */
export const Mark = {
  none: 0,
  /** Bytes that are not UTF-8 were replaced: tag `invalid_utf8`. */
  invalidUtf8: 1,
  /** The broker or the probe cut the text: `mqtt.truncated`. */
  truncated: 2,
  /** More than one reading was possible: `mqtt.ambiguous`. */
  ambiguous: 4,
  /** Inferred, not said by the record: `mqtt.derived`. */
  derived: 8,
  /** The stamp's wall-clock time comes twice and nothing tells which: tag `ambiguous_time`. */
  ambiguousTime: 16,
} as const;

/**
 * Takes one event of the record in hand.
 * @param time `@timestamp` in milliseconds since 1970, UTC
 * @param message the line's text without its stamp, or one short sentence; never a payload
 * @param values one for each slot of the kind, in that order; missing ones at the end are absent
 * @param marks bits of `Mark`
 */
export type Emit = (
  kind: EventKind,
  time: number,
  message: string,
  values: readonly Slot[],
  marks?: number,
) => void;
