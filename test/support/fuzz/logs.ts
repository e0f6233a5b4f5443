import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { CONTAINERS } from '../../../src/config/containers.ts';
import type { TextFraming } from '../../../src/framing/detect.ts';

const GOLDEN = new URL('../../golden/', import.meta.url);

/** The lines of all golden logs of a kind, one behind the other. */
function linesOf(folder: string, name: RegExp): Buffer[] {
  const files = readdirSync(new URL(folder, GOLDEN)).filter((file) => name.test(file));
  return files.flatMap((file) =>
    readFileSync(new URL(`${folder}${file}`, GOLDEN), 'latin1')
      .split('\n')
      .slice(0, -1)
      .map((line) => Buffer.from(line, 'latin1')),
  );
}

/** Real lines, by what writes them. */
export const WRITERS = {
  mosquitto: linesOf('mosquitto/', /\.log$/),
  emqttd: linesOf('emqx/', /^emqttd.*\.log$/),
  emqxText: linesOf('emqx/', /^emqx(3|4|5).*\.log$/),
  emqxLines: linesOf('emqx/', /(multiline|crash.*)\.log$/),
  emqxJson: linesOf('emqx/', /^emqx.*json.*\.jsonl$/),
  hicap: linesOf('hicap/', /\.jsonl$/),
  messages: linesOf('sys/', /\.jsonl$/),
} as const;
export type Writer = keyof typeof WRITERS;

/** A line as nobody should write it. */
function hostile(longest: number): fc.Arbitrary<Buffer> {
  return fc.oneof(
    fc
      .constantFrom('', ' ', '\r', 'x', '\0', '\ufeff', ' more', '\tmore', '{', '}', '{"time":1}', 'é€😀')
      .map(Buffer.from),
    fc.constantFrom([0xff], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0x80, 0x20]).map(Buffer.from),
    fc
      .tuple(fc.constantFrom('a', 'é', '"', ' ', '\\', '😀', '\0'), fc.nat(longest))
      .map(([unit, count]) => Buffer.from(unit.repeat(Math.ceil(count / Buffer.byteLength(unit))))),
    fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0x20 : byte)))),
  );
}

/** Lines of a writer, pieces of its logs between what nobody should write. */
export function linesBy(writer: Writer, longest: number, most = 25): fc.Arbitrary<Buffer[]> {
  const pool = WRITERS[writer];
  const real = fc
    .tuple(fc.nat(pool.length - 1), fc.integer({ min: 1, max: 12 }))
    .map(([from, count]) => pool.slice(from, from + count));
  const odd = hostile(longest).map((line) => [line]);
  const pieces = fc.array(fc.oneof({ weight: 3, arbitrary: real }, { weight: 2, arbitrary: odd }), {
    minLength: 1,
    maxLength: most,
    size: 'max',
  });
  return pieces.map((lines) => readable(lines.flat()));
}

/** Shown by its lines' heads and lengths where a property fails. */
function readable(lines: Buffer[]): Buffer[] {
  const shown = (): string =>
    lines.map((line) => `${JSON.stringify(line.toString('latin1', 0, 30))}*${line.length}`).join(' ');
  return Object.assign(lines, { [fc.toStringMethod]: shown });
}

/** How a log lies in a file. */
interface Layout {
  readonly framing: TextFraming;
  /** Bytes of a part, where records are split. */
  readonly part: number;
  /** Every so many lines one without the header; 0: none. */
  readonly bare: number;
  readonly crlf: boolean;
  /** Where the parts of records of the two streams of a container stand between each other. */
  readonly mixed: 'nowhere' | 'pairs' | 'around';
  /** Bytes that are missing at the end. */
  readonly missing: number;
}

export function layouts(framings: readonly TextFraming[]): fc.Arbitrary<Layout> {
  return fc.record({
    framing: fc.constantFrom(...framings),
    part: fc.constantFrom(3, 20, 1000, 16 * 1024),
    bare: fc.constantFrom(0, 0, 3, 7),
    crlf: fc.boolean(),
    mixed: fc.constantFrom('nowhere', 'pairs', 'around'),
    missing: fc.constantFrom(0, 0, 1, 2, 5),
  });
}

/** The bytes of a file that holds these lines. */
export function fileOf(lines: readonly Buffer[], layout: Layout): Buffer {
  const { bare, crlf, missing } = layout;
  const end = crlf ? '\r\n' : '\n';
  const records = lines.map((line, i) =>
    bare > 0 && i % bare === bare - 1 ? [line] : framed(line, i, layout),
  );
  const all = mixedUp(records, layout.mixed).flatMap((line) => [line, Buffer.from(end)]);
  const bytes = Buffer.concat(all);
  return bytes.subarray(0, Math.max(0, bytes.length - missing));
}

/** The physical lines of records. */
function mixedUp(records: Buffer[][], mixed: Layout['mixed']): Buffer[] {
  const [first = [], ...others] = records;
  if (mixed === 'around') return [...first.slice(0, 1), ...others.flat(), ...first.slice(1)];
  if (mixed === 'nowhere') return records.flat();
  return records.flatMap((record, i) => {
    const next = records[i + 1] ?? [];
    if (i % 5 === 4) return [];
    return i % 5 === 3
      ? record.flatMap((part, n) => [part, ...next.slice(n, n + 1)]).concat(next.slice(record.length))
      : record;
  });
}

function framed(line: Buffer, i: number, { framing, part, mixed }: Layout): Buffer[] {
  const second = String(i % 60).padStart(2, '0');
  const iso = `2026-11-21T19:17:${second}.123456`;
  const isError = mixed === 'around' ? i > 0 : i % 5 === 4;
  const stream = isError ? 'stderr' : 'stdout';
  switch (framing) {
    case 'docker':
      return parts(line.toString(), part).map((text, n, { length }) =>
        Buffer.from(
          JSON.stringify({ log: n === length - 1 ? `${text}\n` : text, stream, time: `${iso}789Z` }),
        ),
      );
    case 'cri':
      return parts(line.toString('latin1'), part).map((text, n, { length }) =>
        Buffer.from(`${iso}789Z ${stream} ${n === length - 1 ? 'F' : 'P'} ${text}`, 'latin1'),
      );
    case 'syslog': {
      const head = [
        `<158>Nov 21 19:17:${second} host mosquitto[65]: `,
        `${iso}+00:00 host mosquitto: `,
        `<158>1 ${iso}Z host mosquitto 65 - - `,
      ];
      return [Buffer.concat([Buffer.from(head[i % 3] ?? ''), line])];
    }
    case 'journald':
      return [
        Buffer.from(
          JSON.stringify({
            MESSAGE: i % 4 === 3 ? [...line] : line.toString(),
            SYSLOG_IDENTIFIER: 'mosquitto',
            _PID: '65',
            __REALTIME_TIMESTAMP: `17637562${second}123456`,
          }),
        ),
      ];
    case 'timestamps':
      return [Buffer.concat([Buffer.from(`${iso}789Z `), line])];
    case 'prefix':
      return [Buffer.concat([Buffer.from('mosquitto-1  | '), line])];
    case 'prefix-timestamps':
      return [Buffer.concat([Buffer.from(`mosquitto-1  | ${iso}789Z `), line])];
    case 'lines':
      return [line];
  }
}

function parts(text: string, size: number): string[] {
  const found: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += size) found.push(text.slice(at, at + size));
  return found;
}

/** Every form that a log input may have around its lines. */
export const FRAMINGS: readonly TextFraming[] = CONTAINERS.filter((one) => one !== 'auto').map((one) =>
  one === 'none' ? 'lines' : one,
);
