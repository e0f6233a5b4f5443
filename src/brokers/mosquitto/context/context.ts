import type { LogLevel, Slot } from '../../../core/event.ts';
import type { LiveSession } from './live-session.ts';
import type { Origin } from './pending-connections.ts';

/** What a line leaves open for the next one. The broker has one thread: lines that belong together follow each other. */
export type Context =
  | { readonly type: 'none' }
  /** `New client connected …`: lines about its will, its cipher and its CONNACK follow. */
  | Connected
  /** `Will message specified …`: its topic follows. */
  | {
      readonly type: 'will';
      readonly client: string | undefined;
      readonly will: Will;
      readonly then: Connected | undefined;
    }
  /** Between `Received SUBSCRIBE` and its end. */
  | {
      readonly type: 'subscribe';
      /** Undefined: the broker has cut the line that named it. */
      readonly client: string | undefined;
      /** What that line showed of the client id. */
      readonly shown: string;
      readonly filter: string | undefined;
      readonly qos: number;
      /** `filter` was requested, and its grant has not been logged yet. */
      readonly asked: boolean;
    }
  | {
      readonly type: 'unsubscribe';
      readonly client: string | undefined;
      readonly shown: string;
      readonly filter: string | undefined;
      readonly asked: boolean;
    }
  /** A refusing CONNACK was the last line. */
  | {
      readonly type: 'refused';
      /** Undefined: the CONNACK told an address. */
      readonly client: string | undefined;
      /** The connection that was refused, where it is known. */
      readonly from: Origin | undefined;
    }
  /** The last line was the end of this client's connection, or of one without client id, of this `event.code`. */
  | { readonly type: 'ended'; readonly client?: string; readonly code: string }
  /** The last line told that another connection takes over this client's session: the end of its old one may follow. */
  | { readonly type: 'taken-over'; readonly client: string; readonly session: LiveSession }
  /** The last line named the address of a connection that is being refused. */
  | { readonly type: 'address'; readonly ip: string }
  /** Keys, certificates or ciphers could not be set up: lines of OpenSSL follow that belong to no connection. */
  | { readonly type: 'tls-setup' }
  /** The last lines were OpenSSL's; `error` is the first of them. */
  | { readonly type: 'tls'; readonly error: string }
  /** A bridge has got a CONNACK. Only the next line shows whether it refuses. */
  | { readonly type: 'bridge-connack'; readonly client: string }
  /** A client has sent a CONNACK: what the next line tells of a refusal is no bridge's. */
  | { readonly type: 'client-connack' }
  /** A bridge has begun to connect, or has sent its CONNECT. */
  | BridgeConnect
  /** The line ended within a name that holds a line break: what follows may be the rest of that name. */
  | {
      readonly type: 'broken';
      readonly level: LogLevel | undefined;
      /** Fixed end of the format. */
      readonly end: string;
      /** How many more bytes the message can have. */
      readonly bytes: number;
    };

interface BridgeConnect {
  readonly type: 'bridge-connect';
  /** Its id at the other broker, once the CONNECT is sent. */
  readonly client?: string;
  /** Name of the bridge, address and port of the other broker, where the line before told them. */
  readonly to?: readonly Slot[];
}

interface Connected {
  readonly type: 'connected';
  /** A client for each way to read the line; of several, the CONNACK names the true one. */
  readonly candidates: readonly Candidate[];
  /** What a cut line showed of the client id, and maybe of what follows it. */
  readonly shown?: string;
  readonly session: LiveSession;
}

export interface Candidate {
  readonly client: string;
  readonly user: string | undefined;
}

export interface Will {
  readonly size: number;
  readonly qos: number;
  readonly retained: boolean;
}

/** Nothing is left open. */
export const NO_CONTEXT: Context = { type: 'none' };
