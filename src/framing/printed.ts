import type { RecordHeader } from '../core/header.ts';
import { matchesWildcard } from '../core/text/wildcard.ts';
import { type FramingOptions, HeaderTable, OTHER, UNKNOWN } from './header.ts';
import { decodeLines, type TextDecoder } from './lines.ts';
import { ISO_STAMP, MAX_STAMP_CHARS, readIso } from './stamp.ts';

/*
 * What `docker logs`, `docker compose logs` and `kubectl logs` print. Whether lines have a container's name and a time in
 * front is told once for a file: in one without, text that looks like either is the broker's.
 */

const COMPOSE_PREFIX = /^([A-Za-z0-9][\w.@-]{0,254}) +\| /;
const KUBECTL_PREFIX = /^\[pod\/([\w.-]{1,253})\/([\w.-]{1,253})\] /;
const MAX_PREFIX_CHARS = 512;

/** With `docker logs -t`, `kubectl logs --timestamps`: `2026-11-21T19:17:42.123456789Z text`. */
export function timestampsDecoder(): TextDecoder {
  return (bytes, from, to, limit, final, visit) =>
    decodeLines(bytes, from, to, limit, final, (line, start, marks, _seen, length) => {
      const end = stampEnd(line);
      if (line === '' || end === -1)
        return visit(line, start, marks, undefined, length, line === '' ? undefined : UNKNOWN);
      return visit(line.substring(end + 1), start, marks, readIso(line.substring(0, end)), length, undefined);
    });
}

/**
 * With `docker compose logs` (`mosquitto-1  | text`) and `kubectl logs --prefix` (`[pod/mosquitto-0/mosquitto] text`).
 * @param hasTime a time follows, as with `-t` and `--timestamps`
 */
export function prefixDecoder(options: FramingOptions, hasTime: boolean): TextDecoder {
  const headers = new HeaderTable();
  return (bytes, from, to, limit, final, visit) =>
    decodeLines(bytes, from, to, limit, final, (line, start, marks, _seen, length) => {
      if (line === '') return visit(line, start, marks, undefined, length, undefined);
      const prefix = readPrefix(line);
      if (prefix === undefined) return visit(line, start, marks, undefined, length, UNKNOWN);
      const source = line.substring(0, prefix.end);
      const header = headers.get(source, () => headerOf(source, prefix.name, options));
      const rest = line.substring(prefix.end);
      if (!hasTime) return visit(rest, start, marks, undefined, length, header);
      const end = stampEnd(rest);
      if (end === -1) return visit(line, start, marks, undefined, length, UNKNOWN);
      return visit(rest.substring(end + 1), start, marks, readIso(rest.substring(0, end)), length, header);
    });
}

/** How a file that begins with this line was printed; undefined: without any of it. */
export function printedForm(line: string): 'timestamps' | 'prefix' | 'prefix-timestamps' | undefined {
  const prefix = readPrefix(line);
  if (prefix !== undefined)
    return stampEnd(line.substring(prefix.end)) === -1 ? 'prefix' : 'prefix-timestamps';
  return stampEnd(line) === -1 ? undefined : 'timestamps';
}

/** Where the blank behind the stamp stands, or -1. An empty line has none behind it. */
function stampEnd(line: string): number {
  const head = line.length < MAX_STAMP_CHARS ? `${line} ` : line.substring(0, MAX_STAMP_CHARS);
  return ISO_STAMP.test(head) ? head.indexOf(' ') : -1;
}

function readPrefix(line: string): { name: string; end: number } | undefined {
  const head = line.substring(0, MAX_PREFIX_CHARS);
  const found = head.startsWith('[') ? KUBECTL_PREFIX.exec(head) : COMPOSE_PREFIX.exec(head);
  return found === null ? undefined : { name: found[2] ?? found[1] ?? '', end: found[0].length };
}

/** Containers are named as people like: only a name that was asked for tells the broker's from the others. */
function headerOf(source: string, name: string, { program, isChosen }: FramingOptions): RecordHeader {
  if (isChosen === true && !matchesWildcard(program, name)) return OTHER;
  return { origin: 'broker', source, fields: { 'container.name': name } };
}
