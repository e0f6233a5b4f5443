import type { MqttMessage } from './dialect.ts';
import type { RecordHeader } from './header.ts';

/**
 * A source is a sequence of bytes that can be read again from any offset that is not yet settled by every output:
 * a generation of a log file, or the journal to which an input admits what it received.
 */
export interface Source {
  /** 24 hex digits, the first part of every `event.id` of a file. Names the cursors on this source. */
  readonly id: string;
  /** Name of the input it belongs to. */
  readonly input: string;
  /** Told by the first bytes; undefined while there are too few. */
  framing(): Framing | undefined;
  /** Cursors on it are saved and used again after a restart. */
  readonly durable: boolean;
  /** Offset of its first record; absent: 0. */
  readonly begins?: number;
  /** `log.file.path`; undefined for a journal. */
  readonly path?: string;
  /** Bytes that can be read now, counted from offset 0. */
  size(): number;
  /** Records that lie behind a position. Absent: nobody has counted them. */
  recordsBehind?(position: Position): number;
  /**
   * Reads bytes from an offset. A journal gives whole records, or the head of one that is longer than `into`.
   * @returns how many bytes were read; fewer than `into` holds at the present end, and where the next `wait` has news
   * @throws RetryableError when it cannot be read now
   */
  read(offset: number, into: Buffer): Promise<number>;
  /** Makes sure that what is read next is what follows `position`, wherever the source has gone since. Absent: it always is. */
  resume?(position: Position): Promise<void>;
  /**
   * Resolves with `more` as soon as bytes lie `held` bytes behind a position, else when none will ever come there.
   * @param position where a reader stands: the same object in all its calls, which others do not use
   * @param held bytes behind the position that are known already: the head of an unfinished record
   */
  wait(position: Position, held: number, signal: AbortSignal): Promise<'more' | Lost | End>;
  /**
   * Everything before `offset` is settled for one output, and it will never read before `needed` again. Called for each
   * output on its own.
   */
  settled(output: string, offset: number, needed: number): void;
}

export interface Position {
  readonly offset: number;
  /**
   * By what the place is recognised. In a file: the fingerprint of the up to 1 KiB before `offset`, empty at offset 0. In a
   * journal that survives a restart: the number of the next record. Else empty.
   */
  readonly before: string;
}

/** The bytes from a position up to another one are gone or damaged, while what follows can be read. */
export interface Lost {
  /** Where reading goes on. */
  readonly to: Position;
  /** What to say about it. @param records how many of the lost records were not settled */
  readonly tell: (records: number) => Note;
}

/** No byte will ever come at that position. */
export interface End {
  /**
   * Bytes before the end are known to be lost.
   * @param from everything before it is settled
   * @returns what to say about it; undefined when nothing behind `from` is lost
   */
  readonly gap?: (from: number) => Note | undefined;
  readonly to?: undefined;
}

/** How records lie in the bytes of a source. */
export type Framing =
  | 'lines'
  | 'docker'
  | 'cri'
  | 'syslog'
  | 'journald'
  | 'timestamps'
  | 'prefix'
  | 'prefix-timestamps'
  | 'journal';

/** An input's side of a journal: admits records to a source of its own. */
export interface Journal {
  /**
   * Admits a record.
   * @returns a promise that resolves when the record is kept as safely as this journal can (then it may be acknowledged to
   * its sender), or undefined when there is no room
   */
  append(record: NewRecord): Promise<void> | undefined;
  /** Admits records that belong together: all or, without room, none. As `append`. @param records at least one */
  appendAll(records: readonly NewRecord[]): Promise<void> | undefined;
  /** Resolves when what was admitted fits into memory again, soon in any case; undefined when it does. */
  relief(): Promise<void> | undefined;
  /** Resolves when there is room again. */
  room(signal: AbortSignal): Promise<void>;
  /**
   * Visits the last records that earlier runs have admitted, oldest first: enough to know what a sender may repeat.
   * @param visit gets the record and the first 36 digits of its `event.id`
   */
  recent(visit: (record: JournalRecord, id: string) => void): Promise<void>;
  /** Nothing more will be appended: the source ends when it was read. */
  close(): void;
}

export type JournalRecord =
  | {
      readonly type: 'line';
      readonly seen: number;
      readonly text: Buffer;
      /** Bits of `Mark` that the decoder found; absent: none. */
      readonly marks?: number;
      /** Bytes before the cut; absent: not cut. */
      readonly length?: number | undefined;
      readonly header?: RecordHeader | undefined;
      /** The first 36 digits of `event.id`; absent: any will do. */
      readonly id?: string;
    }
  | { readonly type: 'message'; readonly message: MqttMessage }
  | { readonly type: 'note'; readonly note: Note };

/** What an input admits. A line of its own making comes as text: it becomes bytes where they are kept, without a buffer each. */
export type NewRecord =
  | JournalRecord
  | { readonly type: 'text'; readonly seen: number; readonly text: string };

/** Something the probe itself has to say, in the order of the source it concerns. */
export interface Note {
  readonly action: 'input-gap' | 'event-rejected' | 'probe-started' | 'probe-stopped' | 'probe-heartbeat';
  readonly seen: number;
  /** One sentence for a human. */
  readonly message: string;
  /** `event.reason`, snake_case: `session_lost`, `truncated`, `queue_full`, … */
  readonly reason?: string;
  /** Further catalogue fields. */
  readonly fields?: Readonly<Record<string, string | number>>;
}
