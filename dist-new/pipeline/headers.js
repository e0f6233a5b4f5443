import { LevelledKinds } from '../ecs/levelled.js';
/**
 * Brings what stood around records into their events. Everything is made once for a header or a kind, so that an event
 * costs no more than without.
 */
export class Headers {
    encoder;
    isHostChosen;
    frames = new WeakMap();
    kinds = new LevelledKinds();
    level;
    /** @param isHostChosen `host.name` of the encoder's envelope stands, whatever a header says */
    constructor(encoder, isHostChosen) {
        this.encoder = encoder;
        this.isHostChosen = isHostChosen;
    }
    /** The records to come have this header. */
    follow(header) {
        this.level = header?.level;
        this.encoder.within(header && this.frameOf(header));
    }
    /** The kind with the level of the header in hand. */
    levelled(kind) {
        return this.kinds.of(kind, this.level);
    }
    frameOf(header) {
        let frame = this.frames.get(header);
        if (frame === undefined) {
            const { 'host.name': host, ...fields } = header.fields;
            frame = host === undefined || this.isHostChosen ? fields : header.fields;
            this.frames.set(header, frame);
        }
        return frame;
    }
}
