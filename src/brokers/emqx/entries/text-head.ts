import type { LogLevel } from '../../../core/event.ts';
import { scriptLevel } from './console.ts';
import { levelOf } from './entry.ts';
import { plainLevel } from './role.ts';

/** What stands before the words of an entry: `[error] `, `[MQTT] `, `<0.9.0> [info] `. */
export interface Head {
  readonly level: LogLevel | undefined;
  /** Of a trace: the bracket holds its tag. */
  readonly tag: string | undefined;
  readonly pid: string | undefined;
  /** Where the words begin. */
  readonly at: number;
}

const NAME = /^[A-Za-z][\w /-]{0,40}$/;
const PID = /^<\d[\d.]{0,30}>$/;

/** @param at behind the stamp */
export function headOf(text: string, at: number): Head {
  const plain = plainLevel(text, at);
  if (plain !== undefined)
    return { level: levelOf(plain), tag: undefined, pid: undefined, at: at + plain.length + 1 };
  const none = { level: at === 0 ? scriptLevel(text) : undefined, tag: undefined, pid: undefined, at };
  if (text.charCodeAt(at) === 0x3d)
    return { ...none, level: levelOfReport(text, at), at: wordsOfReport(text, at) };
  const open = text.charCodeAt(at) === 0x3c ? text.indexOf(' ', at) + 1 : at;
  if (text.charCodeAt(open) !== 0x5b) return none;
  const pid = open === at ? undefined : text.slice(at, open - 1);
  const close = text.indexOf(']', open);
  const name = text.slice(open + 1, close);
  const level = levelOf(name);
  const isHead =
    close !== -1 && (level !== undefined || NAME.test(name)) && (pid === undefined || PID.test(pid));
  return isHead ? { level, tag: level === undefined ? name : undefined, pid, at: close + 1 } : none;
}

const REPORT = /=([A-Z]{4,10}) REPORT====/y;

/** Level of a report of SASL or lager's crash log, which have only a title: `=SUPERVISOR REPORT====`. */
function levelOfReport(text: string, at: number): LogLevel | undefined {
  REPORT.lastIndex = at;
  const kind = REPORT.exec(text)?.[1]?.toLowerCase();
  if (kind === undefined) return undefined;
  return kind === 'progress' ? 'info' : (levelOf(kind) ?? 'error');
}

/** The title of an entry that the console has copied from the log: `=ERROR REPORT==== 13-Nov-2019::02:43:58 ===`. */
const COPY_TITLE =
  /=(?:(?:INFO|NOTICE|DEBUG|PROGRESS) REPORT={4}[^\n]{0,64}\n|[A-Z]{4,10} REPORT={4}[^\n]{0,64}\n(?=\[))/y;

/** Where the words begin that a title stands before; a report about a process is told with its title. */
function wordsOfReport(text: string, at: number): number {
  COPY_TITLE.lastIndex = at;
  return COPY_TITLE.test(text) ? COPY_TITLE.lastIndex : at;
}

export function skipSpaces(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) === 0x20) i++;
  return i;
}

/** What stands behind the client id of a trace. */
const TRACED = /@([\w.:[\]<>* -]{0,64}) msg: /g;
/** What looks like the head of another trace. */
const SECOND = /@[\w.:]{1,64}:\d{1,5} msg: /;

/** Reads `CLIENTID@PEERNAME ` before the pairs of a trace; before CONNECT the id is empty. */
export function traceClient(
  text: string,
  at: number,
): { client: string | undefined; peer: string; end: number; isDouble: boolean } | undefined {
  TRACED.lastIndex = at;
  const found = TRACED.exec(text);
  if (found === null) return undefined;
  const client = text.slice(at, found.index);
  const end = TRACED.lastIndex - 'msg: '.length;
  return {
    client: client === '' ? undefined : client,
    peer: found[1] ?? '',
    end,
    isDouble: /@[\w.:]+:\d{1,5} /.test(client) || SECOND.test(text.slice(end)),
  };
}
