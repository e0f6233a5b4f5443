import { StampForm } from './strftime.ts';

/** Forms that are tried on a line whose form is not known, most usual first. */
const USUAL_FORMS = [
  '%s',
  '%Y-%m-%dT%H:%M:%S',
  '%Y-%m-%dT%H:%M:%S%z',
  '%Y-%m-%d %H:%M:%S',
  '%Y-%m-%d %H:%M:%S%z',
  '%Y-%m-%d %H:%M:%S %z',
  '%d/%b/%Y %H:%M:%S',
  '%d/%b/%Y:%H:%M:%S %z',
  '%Y/%m/%d %H:%M:%S',
  '%d/%m/%Y %H:%M:%S',
  '%d.%m.%Y %H:%M:%S',
  '%d-%m-%Y %H:%M:%S',
  '%b %e %H:%M:%S',
  '%c',
  '%Y%m%dT%H%M%S',
  '%Y%m%d %H:%M:%S',
];
/** What the broker writes where strftime gives nothing. */
const TIME_ERROR = 'Time error: ';
/** A line that only a start of the broker gives: there the form may change. */
const START = 'mosquitto version ';
const NO_STAMP = 'none';

/** What a line's stamp said; `at`: where the message begins. */
export interface Stamped {
  time: number;
  at: number;
}

/**
 * Reads the stamp of each line of one source. The form is learnt from the lines and kept: once lines were seen to have no
 * stamp, text that looks like one is a client's, until the broker starts anew.
 */
export class StampReader {
  private readonly forms: readonly StampForm[];
  private readonly fixed: boolean;
  private current: StampForm | undefined;
  private none = false;
  private lastText = '';
  private readonly last: Stamped = { time: 0, at: 0 };

  /**
   * @param form strftime form from the configuration; undefined: learnt
   * @param learnt what `learnt` gave
   */
  constructor(form: string | undefined, timezone: string | undefined, learnt: string | undefined) {
    this.fixed = form !== undefined;
    this.forms = (form === undefined ? USUAL_FORMS : [form]).map((f) => new StampForm(f, timezone));
    this.none = learnt === NO_STAMP;
    this.current = this.forms.find((f) => f.form === learnt) ?? (this.fixed ? this.forms[0] : undefined);
  }

  /** The form that lines have; undefined: none was seen yet. */
  get learnt(): string | undefined {
    return this.none ? NO_STAMP : this.current?.form;
  }

  /** @param seen the time of a line without stamp */
  read(text: string, seen: number): Stamped {
    if (this.lastText !== '' && text.startsWith(this.lastText)) return this.last;
    const stamp = this.current?.read(text, seen) ?? this.search(text, seen);
    if (stamp !== undefined) {
      this.lastText = text.slice(0, stamp.end);
      this.last.time = stamp.time;
      this.last.at = stamp.end;
      return this.last;
    }
    if (text.startsWith(TIME_ERROR)) return { time: seen, at: TIME_ERROR.length };
    if (this.current === undefined && !this.fixed) this.none = true;
    return { time: seen, at: 0 };
  }

  private search(text: string, seen: number): ReturnType<StampForm['read']> {
    if (this.fixed) return undefined;
    for (const form of this.forms) {
      const stamp = form.read(text, seen);
      if (stamp === undefined) continue;
      if (this.none && !text.startsWith(START, stamp.end)) return undefined;
      this.none = false;
      this.current = form;
      return stamp;
    }
    return undefined;
  }
}
