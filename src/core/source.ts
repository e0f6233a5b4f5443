import type { MqttMessage } from './dialect.ts';

/**
 * A source is a sequence of bytes that can be read again from any offset that is not yet settled by every output:
 * a generation of a log file, or the journal to which an input admits what it received.
 */
export interface Source {
  /** 24 hex digits, the first part of every `event.id` of a file. Names the cursors on this source. */
  readonly id: string;
  /** Name of the input it belongs to. */
  readonly input: string;
  readonly framing: Framing;
  /** `log.file.path`; undefined for a journal. */
  readonly path?: string;
  /** The source whose session state this one inherits: the file generation before it. Read only after its end was seen. */
  readonly after?: Source;
  /** Bytes that can be read now, counted from offset 0. */
  size(): number;
  /**
   * Reads bytes from an offset.
   * @returns how many bytes were read; fewer than `into` holds only at the present end
   * @throws RetryableError when it cannot be read now
   */
  read(offset: number, into: Buffer): Promise<number>;
  /** Resolves as soon as bytes lie at `offset` (`more`), or when none will ever come (`end`). */
  wait(offset: number, signal: AbortSignal): Promise<'more' | 'end'>;
  /** One output needs nothing before `offset` any more. Called for each output on its own. */
  settled(output: string, offset: number): void;
}

/** How records lie in the bytes of a source. */
export type Framing = 'lines' | 'docker' | 'cri' | 'journal';

/** An input's side of a journal: admits records to a source of its own. */
export interface Journal {
  /**
   * Admits a record.
   * @returns a promise that resolves when the record is kept as safely as this journal can (then it may be acknowledged to
   * its sender), or undefined when there is no room
   */
  append(record: JournalRecord): Promise<void> | undefined;
  /** Resolves when there is room again (half of it is free). */
  room(signal: AbortSignal): Promise<void>;
}

export type JournalRecord =
  | { readonly type: 'line'; readonly seen: number; readonly text: Buffer }
  | { readonly type: 'message'; readonly message: MqttMessage }
  | { readonly type: 'note'; readonly note: Note };

/** Something the probe itself has to say, in the order of the source it concerns. */
export interface Note {
  readonly action: 'input-gap' | 'probe-started' | 'probe-stopped' | 'probe-heartbeat';
  readonly seen: number;
  /** One sentence for a human. */
  readonly message: string;
  /** `event.reason`, snake_case: `session_lost`, `truncated`, `queue_full`, … */
  readonly reason?: string;
  /** Further catalogue fields. */
  readonly fields?: Readonly<Record<string, string | number>>;
}
