import { type JsonValue, Mark } from '../../../core/event.ts';
import { wallTimes } from '../../../core/zone.ts';
import { detectForms, TIME_ERROR } from './stamp-detection.ts';
import { type Stamp, StampForm } from './stamp-form.ts';

/** A line that only a start of the broker gives: there the form may change. */
const START = 'mosquitto version ';
/** For so many lines, at the head of a log and after a reload, the form may change: the log is opened some lines later. */
const CHANGE_LINES = 100;
/** Steps back that are no change of the clock. */
const JITTER_MS = 5000;
/** After a silence of that length order does not tell the two hours of a change of the clock apart. */
const SILENCE_MS = 60 * 60_000;

/** What a line's stamp said. */
export interface Stamped {
  time: number;
  /** Where the message begins. */
  at: number;
  /** Bits of `Mark`. */
  marks: number;
  /** Lines have a stamp here, and this one has none: it is no message of its own. */
  isMissing: boolean;
}

/**
 * Reads the stamp of each line of one source. The form is learnt from the first lines and kept: once lines were seen to
 * have none, text that looks like a stamp is a client's, and once they were seen to have one, a line without it is no
 * message. It may change where the broker can change it: until it has started, and after a reload.
 */
export class StampReader {
  private readonly timezone: string | undefined;
  private readonly isMessage: (text: string) => boolean;
  /** The form of the configuration. */
  private readonly given: StampForm | undefined;
  /** The form that lines have, and those that the stamps so far allow as well. */
  private forms: readonly StampForm[] = [];
  private hasNone = false;
  /** Lines with the present form so far, up to two. */
  private count = 0;
  private changeLines = CHANGE_LINES;
  /** A reload allows it, not only the head of the log. */
  private isReloaded = false;
  private previous: number | undefined;
  /** The last time may be an hour off. */
  private isUnsure = false;
  private lastText = '';
  private readonly last: Stamped = { time: 0, at: 0, marks: Mark.none, isMissing: false };

  /**
   * @param form strftime form from the configuration; undefined: learnt
   * @param isMessage tells texts that begin as messages of the broker do
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

  /** No line has told yet whether there are stamps, so that what stands in front of a name may be one. */
  get isOpen(): boolean {
    return this.forms.length === 0 && !this.hasNone;
  }

  /** The broker may write another form from now on, or go on with the one it has. */
  mayChange(may: boolean): void {
    this.changeLines = may ? CHANGE_LINES : 0;
    this.isReloaded = may;
  }

  /**
   * @param seen the time of a line without stamp
   * @param isBound the line may be a client's text: of it nothing is learnt
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
      this.lastText = text.slice(0, stamp.end);
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

  /** A stamp of the present form. Of several possible ones those that do not fit drop out. */
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
      if (!isFirst && !(mayChange && this.isMessage(message)) && !message.startsWith(START)) return undefined;
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

  /** The time of a wall clock; of the hour that comes twice, what the lines before tell. */
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
