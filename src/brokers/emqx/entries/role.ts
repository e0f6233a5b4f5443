import type { LineRole } from '../../../core/dialect.ts';
import { isJson } from '../values/json.ts';
import { colourEnd } from './colours.ts';
import { isConsole, promptEnd } from './console.ts';
import { hasTitle, isDigit, shapeAt } from './stamp.ts';

const COLON = 0x3a;
const DASH = 0x2d;
const OPEN_BRACKET = 0x5b;
const EQUALS = 0x3d;
const ESCAPE = 0x1b;

/**
 * As in `Dialect`. An entry begins with a stamp and a level or tag in brackets (`[error] …`), emqttd's pid
 * (`<0.9.0> [info] …`) or the title of lager's crash log (`=SUPERVISOR REPORT====`), also behind the prompt of a console or as a
 * copy, with the title of a report that has its time in it, or with its level alone. Such a line in the quotation marks of a log
 * shipper, a JSON object, and what stands on the console beside the log are entries of their own.
 */
export function roleOf(line: string): LineRole {
  const first = line.charCodeAt(0);
  if (first === 0x7b) return isJsonObject(line) ? 'whole' : 'continues';
  if (first === 0x22) return isEntryAt(line, 1) ? 'whole' : 'continues';
  if (first === ESCAPE && colourEnd(line, 0) > 0) return roleOf(line.slice(colourEnd(line, 0)));
  if (isPrefixedJson(line)) return 'whole';
  if (isEntryAt(line, 0)) return 'begins';
  if (first === OPEN_BRACKET && LEVEL_ONLY.test(line)) return 'begins';
  if (first === EQUALS && hasTitle(line)) return 'begins';
  const prompt = promptEnd(line);
  if (prompt === 0) return isConsole(line) ? 'whole' : 'continues';
  const rest = line.slice(prompt);
  if (isEntryAt(rest, 0) || hasTitle(rest)) return 'begins';
  return isConsole(line) || isConsole(rest) ? 'whole' : 'continues';
}

/** Entries without stamp: `[error] …`, as hocon and the first lines of 3.x and 4.x print them. */
const LEVEL_ONLY = /^\[(?:debug|info|notice|warning|error|critical|alert|emergency)\] /;

const PLAIN_LEVEL = /(debug|info|notice|warning|error|critical|alert|emergency): /y;

/**
 * The level before an entry that OTP's own formatter has printed, as early at the start and where EMQX's has failed:
 * `2023-06-05T08:25:25.143521+00:00 error: FORMATTER CRASH: …`.
 */
export function plainLevel(text: string, at: number): string | undefined {
  PLAIN_LEVEL.lastIndex = at;
  return PLAIN_LEVEL.exec(text)?.[1];
}

/** `2023-06-05T08:25:25.143521+00:00 error: {"…"}`: JSON of 5.0.4 to 5.2; without a level: audit log of 4.4. */
function isPrefixedJson(line: string): boolean {
  if (line.charCodeAt(4) !== DASH || line.charCodeAt(line.length - 1) !== 0x7d) return false;
  const shape = shapeAt(line, 0);
  if (shape !== undefined && line.startsWith('{"', shape.end + 1)) return true;
  const colon = shape === undefined ? -1 : line.indexOf(': {"', shape.end);
  return shape !== undefined && colon !== -1 && colon - shape.end < 12;
}

/** `{"key":`, which no Erlang term is. */
function isJsonObject(line: string): boolean {
  if (line.charCodeAt(1) !== 0x22) return isJson(line);
  const quote = line.indexOf('"', 2);
  return quote !== -1 && line.charCodeAt(quote + 1) === COLON;
}

function isEntryAt(line: string, at: number): boolean {
  const shape = shapeAt(line, at);
  if (shape === undefined) return false;
  const next = line.charCodeAt(shape.end + 1);
  if (next === OPEN_BRACKET || next === EQUALS) return true;
  if (next === ESCAPE) return line.charCodeAt(colourEnd(line, shape.end + 1)) === OPEN_BRACKET;
  if (shape.form === 'date' && plainLevel(line, shape.end + 1) !== undefined) return true;
  if (next === 0x3c) return line.startsWith('> [', line.indexOf('>', shape.end));
  // A container runtime's stamp stands before the broker's.
  const second = isDigit(next) ? shapeAt(line, shape.end + 1) : undefined;
  return second !== undefined && line.charCodeAt(second.end + 1) === OPEN_BRACKET;
}
