import { BASE_SLOTS } from './base-slots.ts';

const CREATED = BASE_SLOTS.indexOf('event.created');
const TIMESTAMP = BASE_SLOTS.indexOf('@timestamp');

/** The two times of an event. Many events that follow each other share them. */
export interface Moment {
  /** `event.created`, ISO 8601. */
  readonly created: string;
  /** `@timestamp`, ISO 8601. */
  readonly stamp: string;
}

/** The text around the values of one combination of present values, at one moment. */
export class Shape {
  /** Which value follows each segment: an index into `BASE_SLOTS`, or `BASE_SLOTS.length` + index of the kind's slot. */
  readonly order: readonly number[];
  /** For each value: the segments around it have its quotation marks. */
  readonly quoted: readonly boolean[];
  /** All segments are ASCII. */
  readonly ascii: boolean;
  private readonly parts: readonly string[];
  private readonly slots: readonly number[];
  private moment: Moment | undefined;
  private current: readonly string[] = [];

  /**
   * @param parts one more than `slots`: text before, between and behind the values
   * @param slots what stands between the parts, as in `order`, with the two times
   */
  constructor(parts: readonly string[], slots: readonly number[], isText: (slot: number) => boolean) {
    this.parts = parts;
    this.slots = slots;
    this.order = slots.filter((slot) => !isTime(slot));
    this.quoted = this.order.map(isText);
    this.ascii = parts.every(isAscii);
  }

  /** One more than `order`: text before, between and behind the values. */
  segments(moment: Moment): readonly string[] {
    if (moment !== this.moment) {
      this.moment = moment;
      this.current = this.fill(moment);
    }
    return this.current;
  }

  private fill({ created, stamp }: Moment): string[] {
    const segments: string[] = [];
    let text = this.parts[0] ?? '';
    for (const [k, slot] of this.slots.entries()) {
      const next = this.parts[k + 1] ?? '';
      if (isTime(slot)) {
        text += (slot === CREATED ? created : stamp) + next;
      } else {
        segments.push(flat(text));
        text = next;
      }
    }
    segments.push(flat(text));
    return segments;
  }
}

function isTime(slot: number): boolean {
  return slot === CREATED || slot === TIMESTAMP;
}

/** The same text in one piece: V8 joins texts lazily, and looking at a character makes it do the work once for all uses. */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
