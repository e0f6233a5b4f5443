import { Mark } from '../core/event.ts';
import type { RecordHeader } from '../core/header.ts';
import { matchesWildcard } from '../core/text/wildcard.ts';
import { type FramingOptions, HeaderTable, OTHER, syslogHeader, UNKNOWN } from './header.ts';
import { decodeLines, type TextDecoder } from './lines.ts';
import { readStamp } from './stamp.ts';
import { priorityOf } from './syslog-names.ts';

/** Facility 23, severity 7 (RFC 5424 §6.2.1). */
const MAX_PRIORITY = 191;
const NIL = '-';
const BLANK = 0x20;
const COLON = 0x3a;
const LESS_THAN = 0x3c;
const BYTE_ORDER_MARK = 0xfeff;
const DEBUG = 7;
/**
 * What stands for a TAB: rsyslog writes control characters as `#` and three octal digits unless it is told otherwise,
 * `journalctl` prints blanks.
 */
const WRITTEN_TABS: readonly string[] = ['#011', ' '.repeat(8)];
/** What `journalctl` prints around entries, where the journal begins or another boot of the machine. */
const BANNER = /^-- (?:(?:Logs begin|Journal begins) at .{1,120}|Reboot|Boot [0-9a-f]{32}|No entries) --$/;
/** A stamp that a broker wrote itself, up to the text: begins with digits, or with a day's or month's name. */
const MAX_OWN_STAMP_CHARS = 64;
const OWN_STAMP = /^(?:[A-Z][a-z]{2},? ){0,2}\d[\w .,:/+-]{0,40}: $/;

/** A tag and process id of which only the last colon ends the header. */
const IMAGE_TAG = /([^ [\]]+)\[\d+\]:(?= |$)/y;

/** End of a line that names a filter which a client asks for. */
const REQUESTED_QOS = / \(QoS [0-2]\)$/;

/**
 * Lines of a syslog file: RFC 3164 and RFC 5424, with or without `<priority>`, with RFC 3339 stamps too, as rsyslog and
 * syslog-ng write them. `journalctl` prints the same lines with stamps of several forms, busybox and OpenWrt's `logread` with
 * facility and level.
 *
 *   <158>Nov 21 19:17:42 host mosquitto[6515]: text
 *   2026-11-21T19:17:42.123456+00:00 host mosquitto[6515]: text
 *   <158>1 2026-11-21T19:17:42.123456Z host mosquitto 6515 - - text
 *   Sat Nov 21 19:17:42 2026 daemon.notice mosquitto[6515]: text
 */
export function syslogDecoder(options: FramingOptions): TextDecoder {
  const reader = new SyslogReader(options);
  return (bytes, from, to, limit, final, visit) =>
    decodeLines(bytes, from, to, limit, final, (line, start, marks, _seen, length) => {
      if (line === '') return visit(line, start, marks, undefined, length, undefined);
      if (!reader.read(line))
        return visit(line, start, marks, undefined, length, isBanner(line) ? OTHER : UNKNOWN);
      const text = reader.text(line);
      return visit(text, start, marks | reader.marks, reader.seen, length, reader.header);
    });
}

/** True when a file that begins with this line is a syslog file. Stricter than reading: a broker's own stamp is none, nor is one before JSON. */
export function isSyslog(line: string): boolean {
  const reader = new SyslogReader({ program: '*' });
  if (!reader.read(line)) return false;
  const { 'log.syslog.priority': priority, 'log.syslog.hostname': host } = reader.header.fields;
  return priority !== undefined || (host !== undefined && !/^(?:\d+$|\{)/.test(String(host)));
}

/** A line that `journalctl` prints on its own account. */
export function isBanner(line: string): boolean {
  return line.startsWith('-- ') && BANNER.test(line);
}

/** Reads the header of one line at a time. Remembers the last ones: lines that follow each other share most of theirs. */
class SyslogReader {
  /** Of the line read last: milliseconds since 1970; undefined: it has no stamp. */
  seen: number | undefined;
  /** Of the line read last. */
  header: RecordHeader = UNKNOWN;
  /** Bits of `Mark` of the text read last. */
  marks: number = Mark.none;
  private readonly options: FramingOptions;
  private readonly headers = new HeaderTable();
  private textAt = 0;
  private stamp = '';
  /** By priority (behind the last one: none) and form: what stood between stamp and text, and its header. */
  private readonly last: { rest: string; header: RecordHeader }[] = [];

  constructor(options: FramingOptions) {
    this.options = options;
  }

  /** @returns false when the line has no syslog header */
  read(line: string): boolean {
    let at = 0;
    let priority: number | undefined;
    if (line.charCodeAt(0) === LESS_THAN) {
      const end = line.indexOf('>', 1);
      const digits = line.substring(1, end);
      if (end < 2 || end > 4 || !/^\d+$/.test(digits) || Number(digits) > MAX_PRIORITY) return false;
      priority = Number(digits);
      at = end + 1;
    }
    const isVersioned = priority !== undefined && line.startsWith('1 ', at);
    if (isVersioned) at += 2;
    const stampEnd = this.readStamp(line, at, isVersioned);
    if (stampEnd === -1) return false;
    const restAt = stampEnd + 1;
    const slot = 2 * (priority ?? MAX_PRIORITY + 1) + Number(isVersioned);
    const known = this.last[slot];
    if (known !== undefined && line.startsWith(known.rest, restAt)) {
      this.header = known.header;
      this.textAt = restAt + known.rest.length;
    } else {
      const end = isVersioned
        ? this.readFields(line, restAt, priority)
        : this.readTag(line, restAt, priority);
      if (end === -1) return false;
      this.textAt = end;
      // A line that begins with the same text up to an end mark has the same header.
      const isMarked = line.charAt(end - 1) === (isVersioned ? ' ' : ':');
      if (isMarked) this.last[slot] = { rest: line.substring(restAt, end), header: this.header };
    }
    return true;
  }

  /** What the broker wrote. */
  text(line: string): string {
    this.marks = Mark.none;
    let at = this.textAt;
    // RFC 3164 has no blank of its own before the text, programs write one; rsyslog keeps it behind that of RFC 5424.
    if (line.charCodeAt(at) === BLANK) at++;
    const text = line.charCodeAt(at) === BYTE_ORDER_MARK ? line.substring(at + 1) : line.substring(at);
    for (const tab of WRITTEN_TABS) if (text.includes(tab)) return this.withTab(text, tab);
    return text;
  }

  /**
   * Puts the TAB back that some lines of a broker begin with: behind a stamp of the broker's own, or at the very start.
   * Other lines begin with a client id, which may have the same four characters. Where the level is known it tells: only
   * lines of level debug begin with a TAB. Else what stands behind has to be one word, as all filters are but odd ones.
   */
  private withTab(text: string, tab: string): string {
    const severity = this.header.fields['event.severity'];
    if (severity !== undefined && severity !== DEBUG) return text;
    const at = text.startsWith(tab) ? 0 : text.indexOf(`: ${tab}`) + 2;
    if (at > 0 && !(at < MAX_OWN_STAMP_CHARS && OWN_STAMP.test(text.slice(0, at)))) return text;
    const rest = text.slice(at + tab.length);
    const isRequest = REQUESTED_QOS.test(rest);
    if (severity === undefined && rest.replace(REQUESTED_QOS, '').includes(' ')) {
      this.marks = Mark.ambiguous;
      if (!isRequest) return text;
    }
    return `${text.slice(0, at)}\t${rest}`;
  }

  /** @returns where the blank behind the stamp stands, or -1 */
  private readStamp(line: string, at: number, mayBeNil: boolean): number {
    if (this.stamp !== '' && line.startsWith(this.stamp, at)) return at + this.stamp.length - 1;
    if (mayBeNil && line.startsWith('- ', at)) {
      this.seen = undefined;
      this.stamp = '';
      return at + 1;
    }
    const found = readStamp(line, at, this.options.timezone);
    if (found === undefined) return -1;
    this.seen = found.time;
    this.stamp = line.substring(at, found.end + 1);
    return found.end;
  }

  /** `HOST TAG[PID]:` or, as programs send it, `TAG[PID]:`; maybe `FACILITY.LEVEL` before the tag. @returns where it ends, or -1 */
  private readTag(line: string, at: number, given: number | undefined): number {
    const first = wordAt(line, at);
    const isHost = first !== undefined && priorityOf(first) === undefined;
    const hostEnd = isHost ? at + first.length + 1 : at;
    const second = isHost ? wordAt(line, hostEnd) : first;
    const written = second === undefined ? undefined : priorityOf(second);
    const tagAt = second === undefined || written === undefined ? hostEnd : hostEnd + second.length + 1;
    const host = isHost ? first : undefined;
    const priority = given ?? written;
    let end = tagAt;
    while (end < line.length && !' [:'.includes(line.charAt(end))) end++;
    if (line.charAt(end) === ':') end = endOfImage(line, tagAt) ?? end;
    const program = line.substring(tagAt, end);
    if (program === '') return -1;
    let process: string | undefined;
    if (line.charAt(end) === '[') {
      const close = line.indexOf(']', end);
      if (close === -1) return -1;
      process = line.substring(end + 1, close);
      end = close + 1;
    }
    if (line.charAt(end) === ':') end++;
    else if (!isHost) return -1;
    this.found({ priority, program, process, host });
    return end;
  }

  /** `HOST APP-NAME PROCID MSGID STRUCTURED-DATA ` (RFC 5424 §6). @returns where it ends, or -1 */
  private readFields(line: string, from: number, priority: number | undefined): number {
    const words: string[] = [];
    let at = from;
    while (words.length < 4) {
      const end = line.indexOf(' ', at);
      if (end === -1) return -1;
      words.push(line.substring(at, end));
      at = end + 1;
    }
    at = line.startsWith(NIL, at) ? at + 1 : endOfStructuredData(line, at);
    if (at === -1 || (at < line.length && line.charAt(at) !== ' ')) return -1;
    const [host, program = NIL, process] = words.map((word) => (word === NIL ? undefined : word));
    this.found({ priority, program, process, host });
    return Math.min(at + 1, line.length);
  }

  private found(facts: {
    priority: number | undefined;
    program: string;
    process: string | undefined;
    host: string | undefined;
  }): void {
    const { priority, program } = facts;
    this.header = matchesWildcard(this.options.program, program)
      ? this.headers.get(JSON.stringify([priority, program, facts.process, facts.host]), () =>
          syslogHeader({ ...facts, severity: priority === undefined ? undefined : priority & 7 }),
        )
      : OTHER;
  }
}

/** Where a tag ends that holds a colon, as `IMAGE:VERSION/NAME[PID]: ` does; undefined: it is none. */
function endOfImage(line: string, at: number): number | undefined {
  IMAGE_TAG.lastIndex = at;
  const found = IMAGE_TAG.exec(line);
  return found?.[1] === undefined ? undefined : at + found[1].length;
}

/** The word at `at`, if a blank ends it and no colon stands before that; undefined: there is none. */
function wordAt(line: string, at: number): string | undefined {
  const end = line.indexOf(' ', at);
  return end > at && line.charCodeAt(end - 1) !== COLON ? line.substring(at, end) : undefined;
}

/** `[id name="value"]…`, where `\` takes the meaning from `"`, `]` and itself (RFC 5424 §6.3). -1: it has no end */
function endOfStructuredData(line: string, from: number): number {
  let at = from;
  while (line.charAt(at) === '[') {
    let isQuoted = false;
    for (at++; at < line.length; at++) {
      const c = line.charAt(at);
      if (isQuoted && c === '\\') at++;
      else if (c === '"') isQuoted = !isQuoted;
      else if (c === ']' && !isQuoted) break;
    }
    if (at >= line.length) return -1;
    at++;
  }
  return at === from ? -1 : at;
}
