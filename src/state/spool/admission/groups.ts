import { setTimeout as delay } from 'node:timers/promises';
import type { NewRecord } from '../../../core/source.ts';
import type { RecordCipher } from '../../../framing/journal-record/cipher.ts';
import { encodeRecord } from '../../../framing/journal-record/encode.ts';
import { RecordIds } from '../../../framing/journal-record/ids.ts';
import { ENCRYPTION_BYTES } from '../../../framing/journal-record/layout.ts';
import { RecordBuffer } from '../../../framing/journal-record/run.ts';
import type { Seal } from '../../../framing/journal-record/seal.ts';

const FIRST_BYTES = 64 * 1024;
/** Longest time for which a sender is made to wait for the disk: its connection must be served. */
const PATIENCE_MS = 1000;

/** Records that are committed together. */
class Group extends RecordBuffer {
  records = 0;
  /** Somebody waits for it. */
  urgent = false;
  /** Resolves when it is safe. */
  readonly kept: Promise<void>;
  readonly done: () => void;

  constructor(bytes: Buffer) {
    super(bytes);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.kept = promise;
    this.done = resolve;
  }
}

/** Makes a group safe. @returns false when that was given up because the probe stops */
type Commit = (bytes: Buffer, records: number) => Promise<boolean>;

/**
 * Collects records into groups and has them committed one after the other. A record that somebody waits for is committed as
 * soon as no commit is running, with everything that has come meanwhile: the slower the disk, the larger the groups, and few
 * messages in flight wait for no timer. Records that nobody waits for are committed after `syncMs` at the latest.
 */
export class Groups {
  private readonly seal: Seal;
  private readonly cipher: RecordCipher | undefined;
  private readonly syncMs: number;
  private readonly groupBytes: number;
  private readonly commit: Commit;
  private readonly written: () => void;
  private readonly ids = new RecordIds();
  private current = new Group(Buffer.allocUnsafeSlow(FIRST_BYTES));
  private spare: Buffer | undefined;
  private committing = 0;
  private running: Promise<void> | undefined;
  private soon = false;
  private patience: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: {
    seal: Seal;
    /** Encrypts the records; undefined: they are kept as they are. */
    cipher: RecordCipher | undefined;
    /** Longest time for which a record that nobody waits for is not committed. */
    syncMs: number;
    /** A group of this size is committed whether somebody waits for it or not. */
    groupBytes: number;
    commit: Commit;
    /** Fewer bytes wait than before. */
    written: () => void;
  }) {
    this.seal = options.seal;
    this.cipher = options.cipher;
    this.syncMs = options.syncMs;
    this.groupBytes = options.groupBytes;
    this.commit = options.commit;
    this.written = options.written;
  }

  /** Bytes that are not safe yet. */
  get pendingBytes(): number {
    return this.current.length + this.committing;
  }

  /** @returns resolves when the record is safe */
  append(record: NewRecord, sequence: number): Promise<void> {
    const group = this.current;
    const at = group.length;
    encodeRecord(record, sequence, this.ids, group);
    if (this.cipher !== undefined) {
      group.reserve(ENCRYPTION_BYTES);
      group.length += ENCRYPTION_BYTES;
      this.cipher.encrypt(group.bytes, at, group.length - at);
    }
    this.seal.write(group.view, at, group.length - at);
    group.records++;
    group.urgent ||= isAwaited(record);
    if (this.running === undefined) this.schedule();
    return group.kept;
  }

  /** As in `Journal`: a sender that is faster than the disk waits for the commit that is running, once for each. */
  relief(): Promise<void> | undefined {
    if (this.current.length < this.groupBytes) return undefined;
    this.patience ??= Promise.race([this.run(), delay(PATIENCE_MS, undefined, { ref: false })]);
    return this.patience;
  }

  /** Commits everything that was appended. */
  async flush(): Promise<void> {
    while (this.pendingBytes > 0) {
      this.current.urgent = true;
      await (this.running ?? this.run());
    }
  }

  private schedule(): void {
    const { urgent, length } = this.current;
    if (length === 0 || this.soon) return;
    if (urgent || length >= this.groupBytes) {
      // What arrives in one turn of the event loop is committed together.
      this.soon = true;
      setImmediate(() => {
        this.soon = false;
        void this.run();
      });
    } else {
      this.timer ??= setTimeout(() => void this.run(), this.syncMs);
    }
  }

  private run(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.commitOne().finally(() => {
      this.running = undefined;
      this.patience = undefined;
      if (this.current.length >= this.groupBytes) void this.run();
      else this.schedule();
    });
    return this.running;
  }

  private async commitOne(): Promise<void> {
    const group = this.current;
    if (group.length === 0) return;
    this.current = new Group(this.spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES));
    this.spare = undefined;
    this.committing = group.length;
    const kept = await this.commit(group.bytes.subarray(0, group.length), group.records);
    this.committing = 0;
    this.written();
    if (!kept) return;
    if (group.bytes.length <= 2 * this.groupBytes) this.spare = group.bytes;
    group.done();
  }
}

/** Nobody waits for a message of QoS 0 or for a note. */
function isAwaited(record: NewRecord): boolean {
  return record.type === 'message' ? record.message.qos > 0 : record.type !== 'note';
}
