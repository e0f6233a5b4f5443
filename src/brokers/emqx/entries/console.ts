import type { LogLevel } from '../../../core/event.ts';

const OPEN_BRACKET = 0x5b;
const EQUALS = 0x3d;

/*
 * Lines of the console that are no log: listeners and gateways that start and stop, a node that runs or is told to stop
 * (`?ULOG`, before 5.0 `io:format`), the marks of run_erl, what scripts print at the start, and prompts.
 */

/** `Listener tcp:default on 0.0.0.0:1883 started.`, 3.x and 4.x: `Start mqtt:tcp listener on 0.0.0.0:1883 successfully.` */
const LISTENER =
  /^(?:(?:Listener|Gateway) (?<name>\S{1,256}) on (?<at>\S{1,128}) started\.|Start (?<named>\S{1,256}) listener on (?<place>\S{1,128}) successfully\.|(?<proto>[\w:]{1,64}) listen on (?<where>\S{1,128}) with \d{1,5} acceptors\.)$/;
const STOPPED =
  /^(?:(?:Listener|Gateway) \S{1,256} on \S{1,128} stopped\.|(?:Start|Stop) .{1,256} on \S{1,128} successfully\.)$/;
/** `Failed to start mqtt listener mqtt:ws:external on 0.0.0.0:8083: eaddrinuse`: the reason stands behind it. */
export const LISTENER_FAILED: RegExp =
  /^Failed to (?:start|stop) (?:[\w:]{1,64} listener|mqtt listener [\w:]{1,64}) on \S{1,128}(?: -|:) /;
const RUNNING =
  /^(?:EMQ ?X(?: [A-Z]\w{0,15}){0,2}|Erlang MQTT Broker|emqx|emqttd) v?(\S{1,64}) is (?:running now|started successfully)!?$/;
const TERMINATING = /^(?:\S{20,36} )?Received terminate signal.{0,32}, shutting down now\.?$/;
/** Settings, the Erlang machine, and the words of `bin/emqx`, s6 and Home Assistant's scripts. */
const SCRIPT =
  /^(?:[Ss]tarting (?:emqx|emqttd) on node \S{1,256}$|emqttd [a-z0-9 ]{1,64} is starting\.\.\.|Node \S{1,256} not responding to pings\.$|\['\d{4}-\d\d-\d\dT[\d:]{8}Z'\]:|={5} .{1,64}$|EMQX_\w{1,128} \[[\w.]{1,256}\]: |[\w.]{1,256} = EMQX_\w{1,128} = |[a-z]\w{0,63}(?:\.\w{1,64}){1,8}=|Erlang\/OTP \d|Eshell V\d)/;
/** `WARNING: …`, `s6-rc: info: …`, `[13:18:26] INFO: …`. */
const LEVELLED =
  /^(?:s6-rc: (debug|info|warning|error|fatal)|(?:\[\d\d:\d\d:\d\d\] )?(DEBUG|INFO|NOTICE|WARNING|ERROR|FATAL)): /;

/** A line of the console, which no entry of the log goes on with. */
export function isConsole(line: string): boolean {
  return (
    LISTENER.test(line) ||
    STOPPED.test(line) ||
    LISTENER_FAILED.test(line) ||
    SCRIPT.test(line) ||
    LEVELLED.test(line) ||
    runningVersion(line) !== undefined ||
    PROMPT.exec(line)?.[0] === line ||
    isTerminating(line)
  );
}

/** A listener that has been opened. */
interface Listener {
  /** `tcp:default`, before 5.0 `mqtt:tcp:external`. */
  readonly name: string;
  /** `0.0.0.0:1883`, `:18083` or a port alone. */
  readonly at: string;
}

/** The listener that a line tells of; undefined: it says something else. */
export function openedListener(line: string): Listener | undefined {
  const { name, named, proto, at, place, where } = LISTENER.exec(line)?.groups ?? {};
  const known = name ?? named ?? proto;
  return known === undefined ? undefined : { name: known, at: at ?? place ?? where ?? '' };
}

/** `5.8.4` of `EMQX 5.8.4 is running now!`; undefined: the line says something else. */
export function runningVersion(line: string): string | undefined {
  return RUNNING.exec(line)?.[1];
}

/** `Received terminate signal, shutting down now` */
export function isTerminating(line: string): boolean {
  return TERMINATING.test(line);
}

/** The level of a line of a script; undefined: it has none. */
export function scriptLevel(line: string): LogLevel | undefined {
  const found = LEVELLED.exec(line);
  const word = (found?.[1] ?? found?.[2])?.toLowerCase();
  return word === 'fatal' ? 'critical' : (word as LogLevel | undefined);
}

const VERSION = String.raw`[ev]?\d{1,3}\.\d{1,3}\.[\w.+-]{1,64}`;
/** `(emqx@10.0.0.7)1> `, `iex(emqx@10.0.0.7)1> `; 5.x: `v5.0.14(emqx@10.0.0.7)1> `, of a node that is not alive `e5.8.4-g1f7d1ed4 1> `. */
const PROMPT = new RegExp(String.raw`^(?:(?:iex|${VERSION})?\([\w@.-]{1,256}\)|${VERSION} )\d{1,6}>(?: |$)`);
/**
 * What a viewer or shipper has put in front of entries that were copied from it: `emqx-0 2023-…`, `emqx-0 emqx 2023-…`, a name
 * or a time with a tab or a bar behind it.
 */
const COPIED =
  /^(?:[\w ,.:/+@-]{1,120}(?:\t| ?\| {1,2})|(?:[A-Za-z0-9][\w./@-]{0,252}[ \t]{1,8}){1,2})(?=\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16} {1,2}(?:\[[A-Za-z]|(?:debug|info|notice|warning|error|critical|alert|emergency): ))/;

/** Where the entry begins that stands behind the prompt of an Erlang console, `(emqx@10.0.0.7)1> `, or is a copy. */
export function promptEnd(line: string): number {
  const first = line.charCodeAt(0);
  if (first === OPEN_BRACKET || first === EQUALS) return 0;
  return (PROMPT.exec(line) ?? COPIED.exec(line))?.[0].length ?? 0;
}
