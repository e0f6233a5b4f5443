import type { EventKind, LogLevel } from '../../core/event.ts';
import type { RecordHeader } from '../../core/header.ts';
import type { Encoder } from '../../ecs/encoder.ts';
import { LevelledKinds } from '../../ecs/levelled.ts';
import type { Envelope } from '../../ecs/template.ts';

/**
 * Brings what stood around records into their events. Everything is made once for a header or a kind, so that an event
 * costs no more than without.
 */
export class Headers {
  private readonly encoder: Encoder;
  private readonly isHostChosen: boolean;
  private readonly frames = new WeakMap<RecordHeader, Envelope>();
  private readonly kinds = new LevelledKinds();
  private level: LogLevel | undefined;

  /** @param isHostChosen `host.name` of the encoder's envelope stands, whatever a header says */
  constructor(encoder: Encoder, isHostChosen: boolean) {
    this.encoder = encoder;
    this.isHostChosen = isHostChosen;
  }

  /** The records to come have this header. */
  follow(header: RecordHeader | undefined): void {
    this.level = header?.level;
    this.encoder.within(header && this.frameOf(header));
  }

  /** The kind with the level of the header in hand. */
  levelled(kind: EventKind): EventKind {
    return this.kinds.of(kind, this.level);
  }

  private frameOf(header: RecordHeader): Envelope {
    let frame = this.frames.get(header);
    if (frame === undefined) {
      const { 'host.name': host, ...fields } = header.fields;
      frame = host === undefined || this.isHostChosen ? fields : header.fields;
      this.frames.set(header, frame);
    }
    return frame;
  }
}
