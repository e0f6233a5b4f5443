import { type JsonValue, Mark } from '../../../core/event.ts';
import { wallTimes } from '../../../core/time/zone.ts';
import { detectForms, TIME_ERROR } from './stamp-detection.ts';
import { type Stamp, StampForm } from './stamp-form.ts';

/** A line of the broker's start: there the form may change. */
const START = 'mosquitto version ';
/** The form may change within so many lines after the head of a log or a reload: the broker applies it some lines later. */
const CHANGE_LINES = 100;
/** A step back of at most so much is no change of the clock. */
const JITTER_MS = 5000;
/** After a longer silence the order of lines does not tell which of the two equal hours of a clock change it is. */
const SILENCE_MS = 60 * 60_000;

/** What a line's stamp tells. */
interface Stamped {
  time: number;
  /** Where the message begins. */
  at: number;
  /** Bits of `Mark`. */
  marks: number;
  /** Lines have a stamp here and this one has none: it belongs to the message before it. */
  isMissing: boolean;
}

/**
 * Reads the stamp of each line of one source. The form is learnt from the first lines and kept. Once lines have come
 * without stamps, text that looks like a stamp is a client's; once they have come with stamps, a line without one is no
 * message of its own. The form may change only where the broker can change it: at its start and after a reload.
 */
export class StampReader {
  private readonly timezone: string | undefined;
  private readonly isMessage: (text: string) => boolean;
  /** The form of the configuration. */
  private readonly given: StampForm | undefined;
  /** The forms that fit all stamps so far, the most usual first. */
  private forms: readonly StampForm[] = [];
  /** Lines have no stamps. */
  private hasNone = false;
  /** Lines that had the present form, counted up to two. */
  private count = 0;
  /** For so many more lines the form may change. */
  private changeLines = CHANGE_LINES;
  /** It may change because of a reload, not because the log begins. */
  private isReloaded = false;
  private previous: number | undefined;
  /** The last time may be an hour off. */
  private isUnsure = false;
  private lastText = '';
  private readonly last: Stamped = { time: 0, at: 0, marks: Mark.none, isMissing: false };

  /**
   * @param form strftime form from the configuration; undefined: learnt
   * @param isMessage tells whether a text begins like a message of the broker
   * @param state what `state` gave
   */
  constructor(
    form: string | undefined,
    timezone: string | undefined,
    isMessage: (text: string) => boolean,
    state: JsonValue | undefined,
  ) {
    this.timezone = timezone;
    this.isMessage = isMessage;
    this.given = form === undefined ? undefined : new StampForm(form);
    if (this.given !== undefined) this.forms = [this.given];
    if (!Array.isArray(state)) return;
    const [hasNone, count, changeLines, isReloaded, previous, isUnsure, ...forms] = state;
    this.hasNone = hasNone === true;
    this.count = Number(count);
    this.changeLines = Number(changeLines);
    this.isReloaded = isReloaded === true;
    this.previous = typeof previous === 'number' ? previous : undefined;
    this.isUnsure = isUnsure === true;
    this.forms = forms.map((learnt) => new StampForm(String(learnt)));
  }

  state(): JsonValue {
    const forms = this.forms.map(({ form }) => form);
    const { hasNone, count, changeLines, isReloaded, previous, isUnsure } = this;
    return [hasNone, count, changeLines, isReloaded, previous ?? null, isUnsure, ...forms];
  }

  /** No line has shown yet whether lines have stamps: what stands before a name may be one. */
  get isOpen(): boolean {
    return this.forms.length === 0 && !this.hasNone;
  }

  /** Time of the last line that had a stamp; undefined: none had. */
  get lastTime(): number | undefined {
    return this.previous;
  }

  /** Whether the broker may write another form from now on. */
  mayChange(may: boolean): void {
    this.changeLines = may ? CHANGE_LINES : 0;
    this.isReloaded = may;
  }

  /**
   * @param seen the time of a line without stamp
   * @param isBound the line may be a client's text: nothing is learnt from it
   */
  read(text: string, seen: number, isBound: boolean): Stamped {
    if (this.changeLines > 0) this.changeLines--;
    if (this.lastText !== '' && text.startsWith(this.lastText)) {
      if (this.count < 2) this.count++;
      return this.last;
    }
    const stamp = this.readKnown(text, seen) ?? (isBound ? undefined : this.learn(text, seen));
    if (stamp !== undefined) {
      if (this.count < 2) this.count++;
      this.last.marks = Mark.none;
      this.last.time = stamp.time ?? this.fromWall(stamp);
      this.last.at = stamp.end;
      this.lastText = this.forms[0]?.isConstant === true ? '' : text.slice(0, stamp.end);
      this.previous = this.last.time;
      return this.last;
    }
    if (this.forms.length === 0) {
      // From the first message without a stamp on there is none, until the broker starts anew or reads its configuration.
      if (!this.hasNone && (this.changeLines === 0 || this.isMessage(text))) {
        this.changeLines = 0;
        this.hasNone = true;
      }
      return { time: seen, at: 0, marks: Mark.none, isMissing: false };
    }
    if (this.forms[0]?.form === TIME_ERROR || text.startsWith(`${TIME_ERROR}: `)) {
      const at = text.startsWith(`${TIME_ERROR}: `) ? TIME_ERROR.length + 2 : 0;
      return { time: seen, at, marks: Mark.none, isMissing: at === 0 };
    }
    return { time: seen, at: 0, marks: Mark.none, isMissing: true };
  }

  /** Reads a stamp of the present form. Of several possible forms, those that do not fit drop out. */
  private readKnown(text: string, seen: number): Stamp | undefined {
    const [form] = this.forms;
    if (form === undefined || form.form === TIME_ERROR) return undefined;
    const stamp = form.read(text, seen);
    if (this.forms.length > 1) return this.decide(text, seen);
    if (stamp !== undefined || this.given === undefined || form === this.given) return stamp;
    const given = this.given.read(text, seen);
    if (given !== undefined) this.forms = [this.given];
    return given;
  }

  private decide(text: string, seen: number): Stamp | undefined {
    const fitting = this.forms.filter((form) => form.read(text, seen) !== undefined);
    if (fitting.length > 0) this.forms = fitting;
    return fitting[0]?.read(text, seen);
  }

  /** Looks for another form where there may be one. */
  private learn(text: string, seen: number): Stamp | undefined {
    const isFirst = this.forms.length === 0 && !this.hasNone;
    const detected = detectForms(text, this.isMessage);
    const mayChange = this.changeLines > 0 || isFirst;
    if (detected !== undefined) {
      const message = text.slice(detected.end);
      const isChange = mayChange && detected.isTagged !== true && this.isMessage(message);
      if (!isFirst && !isChange && !message.startsWith(START)) return undefined;
      if (detected.forms[0] === TIME_ERROR) {
        if (isFirst) this.forms = [new StampForm(TIME_ERROR)];
        return undefined;
      }
      this.forms = detected.forms.map((form) => new StampForm(form));
      this.hasNone = false;
      this.count = 0;
      return this.decide(text, seen);
    }
    // The log went on without stamps, or the first line only seemed to have one.
    const isUncertain = this.count < 2 && this.forms[0] !== this.given;
    const mayEnd = isUncertain || (mayChange && this.isReloaded) || text.startsWith(START);
    if (this.forms.length > 0 && mayEnd && this.isMessage(text)) {
      this.forms = [];
      this.hasNone = true;
      this.lastText = '';
    }
    return undefined;
  }

  /** The time of a wall clock. Of the hour that comes twice, the lines before tell which it is. */
  private fromWall({ wall }: Stamp): number {
    const { first, second } = wallTimes(wall, this.timezone);
    const { previous } = this;
    if (second === undefined) {
      this.isUnsure = false;
      return first;
    }
    if (previous !== undefined && first < previous - JITTER_MS) {
      this.isUnsure = false;
      return second;
    }
    if (previous === undefined || first - previous > SILENCE_MS) this.isUnsure = true;
    if (this.isUnsure) this.last.marks = Mark.ambiguousTime;
    return first;
  }
}
