import type { MqttMessage, Session, StreamInfo } from '../../core/dialect.ts';
import { type Emit, type JsonObject, Mark } from '../../core/event.ts';
import { LogReader } from './log-reader.ts';
import { LOG_TOPIC } from './log-topic.ts';
import { MosquittoNumbers } from './sys.ts';

/**
 * Reads what one Mosquitto tells: its log, by lines or by `$SYS/broker/log/#`, and the numbers of its other `$SYS` topics.
 */
export class MosquittoSession implements Session {
  private readonly log: LogReader;
  /** Undefined: no number has come. */
  private numbers: MosquittoNumbers | undefined;
  private readonly sink: Emit;

  constructor(stream: StreamInfo, emit: Emit, state: JsonObject | undefined) {
    this.log = new LogReader(stream, emit, state);
    this.numbers = state?.numbers === undefined ? undefined : new MosquittoNumbers(state.numbers);
    this.sink = emit;
  }

  get version(): string | undefined {
    return this.log.version;
  }

  line(text: string, seen: number, marks: number): void {
    this.log.line(text, seen, marks, undefined);
  }

  message(message: MqttMessage): void {
    const { topic, payload, seen } = message;
    if (!topic.startsWith(LOG_TOPIC)) {
      this.numbers ??= new MosquittoNumbers();
      this.log.version = this.numbers.message(message, this.sink) ?? this.log.version;
      return;
    }
    const text = payload.toString('utf8');
    const broken = text.includes('\ufffd') && !Buffer.from(text).equals(payload);
    this.log.line(text, seen, broken ? Mark.invalidUtf8 : Mark.none, topic.slice(LOG_TOPIC.length));
  }

  finish(): void {
    this.numbers?.finish(this.sink);
  }

  state(): JsonObject {
    return { ...this.log.state(), ...(this.numbers && { numbers: this.numbers.state() }) };
  }
}
