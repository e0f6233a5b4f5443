import type { Writable } from 'node:stream';

const PUBACK = 0x40;
const PUBACK_BYTES = 4;

/** Messages that become safe together. */
interface Group {
  readonly kept: Promise<void>;
  readonly packetIds: number[];
  isKept: boolean;
}

/**
 * Sends PUBACK packets on one connection, in the order of the messages (MQTT-4.6.0-2), several in one write, each when its
 * message is kept. Without a reason code a PUBACK has the same four bytes in MQTT 3.1.1 and 5 (MQTT 5 §3.4.2.1).
 */
export class Acknowledger {
  private readonly stream: Writable;
  private readonly sent: (packetId: number) => void;
  private readonly pending: Group[] = [];

  /** @param sent hears of each PUBACK */
  constructor(stream: Writable, sent: (packetId: number) => void) {
    this.stream = stream;
    this.sent = sent;
  }

  /** @param kept resolves when the message may be acknowledged; messages that are kept together share it */
  acknowledge(packetId: number, kept: Promise<void>): void {
    const last = this.pending.at(-1);
    if (last?.kept === kept) {
      last.packetIds.push(packetId);
      return;
    }
    const group: Group = { kept, packetIds: [packetId], isKept: false };
    this.pending.push(group);
    void kept.then(() => {
      group.isKept = true;
      this.flush();
    });
  }

  /** A group that is kept waits for those before it. */
  private flush(): void {
    const waiting = this.pending.findIndex(({ isKept }) => !isKept);
    const groups = this.pending.splice(0, waiting === -1 ? this.pending.length : waiting);
    if (groups.length === 0 || this.stream.destroyed || !this.stream.writable) return;
    const packetIds = groups.flatMap((group) => group.packetIds);
    const bytes = Buffer.allocUnsafe(packetIds.length * PUBACK_BYTES);
    let at = 0;
    for (const packetId of packetIds) {
      bytes[at] = PUBACK;
      bytes[at + 1] = 2;
      bytes.writeUInt16BE(packetId, at + 2);
      at += PUBACK_BYTES;
      this.sent(packetId);
    }
    this.stream.write(bytes);
  }
}
