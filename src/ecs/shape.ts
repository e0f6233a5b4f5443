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

/** A segment that holds times. */
interface Timed {
  /** Which one it is. */
  readonly index: number;
  /** The text before the first time. */
  readonly text: string;
  /** Each time, and the text behind it. */
  readonly times: { readonly slot: number; readonly behind: string }[];
}

/** The text around the values of one combination of present values, at one moment. */
export class Shape {
  /** Which value follows each segment: an index into `BASE_SLOTS`, or `BASE_SLOTS.length` + index of the kind's slot. */
  readonly order: readonly number[];
  /** For each value: the segments around it have its quotation marks. */
  readonly quoted: readonly boolean[];
  /** All segments are ASCII. */
  readonly ascii: boolean;
  private readonly timed: readonly Timed[];
  private readonly current: string[];
  private moment: Moment | undefined;

  /**
   * @param parts one more than `slots`: text before, between and behind the values
   * @param slots what stands between the parts, as in `order`, with the two times
   */
  constructor(parts: readonly string[], slots: readonly number[], isText: (slot: number) => boolean) {
    this.order = slots.filter((slot) => !isTime(slot));
    this.quoted = this.order.map(isText);
    this.ascii = parts.every(isAscii);
    const segments: Timed[] = [];
    for (const [k, text] of parts.entries()) {
      const slot = slots[k - 1];
      if (slot !== undefined && isTime(slot)) segments.at(-1)?.times.push({ slot, behind: text });
      else segments.push({ index: segments.length, text, times: [] });
    }
    this.timed = segments.filter(({ times }) => times.length > 0);
    this.current = segments.map(({ text }) => text);
  }

  /** One more than `order`: text before, between and behind the values. Valid until the next call. */
  segments(moment: Moment): readonly string[] {
    if (moment !== this.moment) {
      this.moment = moment;
      for (const { index, text, times } of this.timed) this.current[index] = filled(text, times, moment);
    }
    return this.current;
  }
}

function isTime(slot: number): boolean {
  return slot === CREATED || slot === TIMESTAMP;
}

/** In one piece: V8 joins texts lazily, and looking at a character makes it do the work once for all uses. */
function filled(before: string, times: Timed['times'], { created, stamp }: Moment): string {
  let text = before;
  for (const { slot, behind } of times) text += (slot === CREATED ? created : stamp) + behind;
  text.charCodeAt(0);
  return text;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
