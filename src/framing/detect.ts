import type { Framing } from '../core/source.ts';
import { decodeCri, decodeDocker } from './container.ts';
import type { FramingOptions } from './header.ts';
import { journaldDecoder } from './journald.ts';
import { decodeLines, type TextDecoder } from './lines.ts';
import { prefixDecoder, printedForm, timestampsDecoder } from './printed.ts';
import { isBanner, isSyslog, syslogDecoder } from './syslog.ts';

/** How text lies in a file or stream. */
export type TextFraming = Exclude<Framing, 'journal'>;

const DECODERS: Readonly<Record<TextFraming, (options: FramingOptions) => TextDecoder>> = {
  lines: () => decodeLines,
  docker: () => decodeDocker,
  cri: () => decodeCri,
  syslog: syslogDecoder,
  journald: journaldDecoder,
  timestamps: timestampsDecoder,
  prefix: (options) => prefixDecoder(options, false),
  'prefix-timestamps': (options) => prefixDecoder(options, true),
};

/** Opens the decoder of a text framing for one source. It may remember what it saw to be faster, never to read otherwise. */
export function openDecoder(framing: TextFraming, options: FramingOptions): TextDecoder {
  return DECODERS[framing](options);
}

const DOCKER = /^\{"(?:log":|(?:stream|time|attrs)":(?=.*,"log":))/;
/** A broker's own stamp, and its level or tag in brackets or its level and a colon (EMQX), or a record of EMQX 4.4's audit log: nothing stands around such lines. */
const OWN_LEVEL =
  /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:?\d\d) +(?:\[[A-Za-z][\w /-]{0,40}\]|(?:debug|info|notice|warning|error|critical|alert|emergency): |\{"source_type":)/;
const CRI = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d) (stdout|stderr) [FP]/;
/** Names of journal fields are upper case (systemd.journal-fields(7)), and come in any order. */
const JOURNALD = /^\{\s?"[A-Z_][A-Z0-9_]*"\s?:/;
/** What a container runtime prints has nine digits behind the second, what syslog writes at most six. */
const NANOSECONDS = /^[\d:T-]{19}\.\d{7,9}/;

const LF = 0x0a;

/** Enough of a file's start to tell the framing by, also where no line ends in it. */
const DETECT_BYTES = 1024;

/** Enough is there to tell the framing by: the first line, or as much of it as is looked at. */
export function canDetect(head: Buffer): boolean {
  return head.length >= DETECT_BYTES || head.subarray(headAt(head)).includes(LF);
}

/**
 * Tells by the first line of a file that is no banner, and by nothing else, what stands around its lines: a file that began
 * as plain lines stays so, whatever a client makes the broker write.
 */
export function detectFraming(head: Buffer): TextFraming {
  const line = lineAt(head.subarray(0, DETECT_BYTES), headAt(head));
  if (OWN_LEVEL.test(line)) return 'lines';
  if (DOCKER.test(line)) return 'docker';
  if (JOURNALD.test(line)) return 'journald';
  if (CRI.test(line)) return 'cri';
  if (!NANOSECONDS.test(line) && isSyslog(line)) return 'syslog';
  return printedForm(line) ?? 'lines';
}

/** Where the first line begins, behind a banner. */
function headAt(head: Buffer): number {
  const end = head.indexOf(LF);
  return end !== -1 && isBanner(lineAt(head, 0)) ? end + 1 : 0;
}

/** The line that begins at `from`, up to the end of the bytes. */
function lineAt(bytes: Buffer, from: number): string {
  const end = bytes.indexOf(LF, from);
  return bytes.toString('utf8', from, end === -1 ? bytes.length : end).replace(/\r$/, '');
}
