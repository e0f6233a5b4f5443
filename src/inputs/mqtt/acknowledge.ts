import type { Writable } from 'node:stream';

const PUBACK = 0x40;

interface Entry {
  readonly packetId: number;
  kept: boolean;
}

/**
 * Sends PUBACK packets on one connection, in the order of the messages (MQTT-4.6.0-2), several in one write, each when its
 * message is kept. Without a reason code a PUBACK has the same four bytes in MQTT 3.1.1 and 5 (MQTT 5 §3.4.2.1).
 */
export class Acknowledger {
  private readonly stream: Writable;
  private pending: Entry[] = [];
  private flushing = false;

  constructor(stream: Writable) {
    this.stream = stream;
  }

  /** @param kept resolves when the message may be acknowledged */
  acknowledge(packetId: number, kept: Promise<void>): void {
    const entry: Entry = { packetId, kept: false };
    this.pending.push(entry);
    void kept.then(() => {
      entry.kept = true;
      if (this.flushing) return;
      this.flushing = true;
      // All messages of one commit are kept in the same turn.
      queueMicrotask(() => this.flush());
    });
  }

  private flush(): void {
    this.flushing = false;
    const waiting = this.pending.findIndex(({ kept }) => !kept);
    const ids = this.pending.splice(0, waiting === -1 ? this.pending.length : waiting);
    if (ids.length === 0 || this.stream.destroyed || !this.stream.writable) return;
    const bytes = Buffer.allocUnsafe(ids.length * 4);
    for (const [i, { packetId }] of ids.entries()) {
      bytes[i * 4] = PUBACK;
      bytes[i * 4 + 1] = 2;
      bytes.writeUInt16BE(packetId, i * 4 + 2);
    }
    this.stream.write(bytes);
  }
}
