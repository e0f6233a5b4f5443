import type { Writable } from 'node:stream';

const PUBACK = 0x40;

/**
 * Sends PUBACK packets on one connection, in the order of the messages, several in one write. Without a reason code a
 * PUBACK has the same four bytes in MQTT 3.1.1 and 5 (MQTT 5 §3.4.2.1).
 */
export class Acknowledger {
  private readonly stream: Writable;
  private pending: number[] = [];

  constructor(stream: Writable) {
    this.stream = stream;
  }

  acknowledge(packetId: number): void {
    this.pending.push(packetId);
    if (this.pending.length === 1) queueMicrotask(() => this.flush());
  }

  private flush(): void {
    const ids = this.pending;
    this.pending = [];
    if (this.stream.destroyed || !this.stream.writable) return;
    const bytes = Buffer.allocUnsafe(ids.length * 4);
    for (const [i, id] of ids.entries()) {
      bytes[i * 4] = PUBACK;
      bytes[i * 4 + 1] = 2;
      bytes.writeUInt16BE(id, i * 4 + 2);
    }
    this.stream.write(bytes);
  }
}
