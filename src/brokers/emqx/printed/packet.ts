import type { Payload } from './payload.ts';

/** Control packets in lower case, in the order of their numbers from 1 on (MQTT 5 §2.1.2). */
export const TYPES: readonly string[] = [
  ...['connect', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'subscribe', 'suback'],
  ...['unsubscribe', 'unsuback', 'pingreq', 'pingresp', 'disconnect', 'auth'],
];

/** What EMQX prints of a control packet; undefined: it does not print that. */
export interface Packet {
  /** In lower case. */
  readonly type: string;
  readonly qos: number;
  readonly retained: boolean;
  readonly duplicate: boolean;
  readonly packetId?: number | undefined;
  readonly topic?: string | undefined;
  readonly filters?: readonly Filter[];
  readonly reasonCodes?: readonly number[];
  readonly sessionPresent?: boolean;
  readonly client?: string | undefined;
  readonly user?: string | undefined;
  readonly version?: number;
  readonly cleanStart?: boolean;
  readonly keepAlive?: number;
  readonly will?: Will;
  readonly payload?: Payload | undefined;
  /** A client's text looks like a part of the packet. */
  readonly isAmbiguous: boolean;
}

/** One topic filter of SUBSCRIBE or UNSUBSCRIBE. */
export interface Filter {
  readonly filter: string;
  readonly qos: number | undefined;
  readonly noLocal: boolean | undefined;
  readonly retainAsPublished: boolean | undefined;
  readonly retainHandling: number | undefined;
}

export interface Will {
  readonly topic: string;
  readonly qos: number;
  readonly retained: boolean;
  readonly payload: Payload | undefined;
}
