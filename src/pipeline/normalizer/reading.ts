import type { Dialect, MqttMessage, StreamInfo } from '../../core/dialect.ts';
import type { Emit } from '../../core/event.ts';
import type { Envelope } from '../../ecs/template.ts';
import type { Correlation } from './correlation.ts';
import type { Privacy } from './privacy.ts';

/** How the records of one input become events. */
export interface Reading {
  readonly dialect: Dialect;
  readonly stream: StreamInfo;
  /** Client ids of the probe whose log lines make no events. */
  readonly leftOut: ReadonlySet<string>;
  readonly envelope: Envelope;
  readonly namespace: string;
  /** Bytes that are kept of one line. */
  readonly limit: number;
  /** Program or container whose records are the broker's, where others write beside it; undefined: the dialect's name. */
  readonly program?: string;
  /** `host.name` was chosen: that of a syslog line does not replace it. */
  readonly isHostChosen?: boolean;
  /** Makes the reader of mirrored messages. */
  readonly mirror?: (emit: Emit, correlation: Correlation | undefined) => MessageReader;
  /** `event.original` is kept. */
  readonly original: boolean;
  /** Hides names and addresses; undefined: nothing is hidden. */
  readonly privacy?: Privacy | undefined;
  /** Log and traffic of the broker with this name are joined. */
  readonly join?: Join | undefined;
  /** Each line is a captured message: reads it; undefined when it is none. */
  readonly asMessage?: (line: string, seen: number) => MqttMessage | undefined;
  /** `$SYS/broker/log/#` is left out, because the broker's log file is read. */
  readonly ignoreLogTopics: boolean;
}

/** Makes events of mirrored messages. */
export interface MessageReader {
  /**
   * @param canWait false: it has to be told at once
   * @returns a promise when the message has to be given again after it has resolved; nothing was emitted then
   */
  message(message: MqttMessage, canWait: boolean): Promise<void> | undefined;
}

/** Which inputs are about the same broker, and how long a message waits for its log line. */
export interface Join {
  readonly broker: string;
  readonly waitMs: number;
}
