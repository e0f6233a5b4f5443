/**
 * Lines of the console that are no log: listeners and gateways that start and stop, a node that runs or is told to stop
 * (`?ULOG`, before 5.0 `io:format`), the marks of run_erl, and prompts.
 */
const CONSOLE =
  /^(?:(?:Listener|Gateway) \S{1,256} on \S{1,128} (?:started|stopped)\.|(?:Start|Stop) .{1,256} on \S{1,128} successfully\.|Starting emqx on node \S{1,256}|={5} .{1,64}|(?:iex)?\([\w@.-]{1,256}\)\d{1,6}> ?)$/;
const RUNNING = /^(?:EMQ ?X(?: [A-Z]\w{0,15}){0,2}|emqttd) (\S{1,64}) is running now!?$/;
const TERMINATING = /^(?:\S{20,36} )?Received terminate signal.{0,32}, shutting down now\.?$/;

/** A line of the console, which no entry of the log goes on with. */
export function isConsole(line: string): boolean {
  return CONSOLE.test(line) || runningVersion(line) !== undefined || isTerminating(line);
}

/** `5.8.4` of `EMQX 5.8.4 is running now!`; undefined: the line says something else. */
export function runningVersion(line: string): string | undefined {
  return RUNNING.exec(line)?.[1];
}

/** `Received terminate signal, shutting down now` */
export function isTerminating(line: string): boolean {
  return TERMINATING.test(line);
}

const PROMPT = /^(?:iex)?\([\w@.-]{1,256}\)\d{1,6}> /;

/** Where the text behind the prompt of an Erlang console begins: `(emqx@10.0.0.7)1> `. */
export function promptEnd(line: string): number {
  const first = line.charCodeAt(0);
  return first === 0x28 || first === 0x69 ? (PROMPT.exec(line)?.[0].length ?? 0) : 0;
}
