import { type JsonObject, type JsonValue, Mark } from '../../../core/event.ts';
import { payloadSize } from '../printed/payload.ts';
import { readPacket } from '../printed/read-packet.ts';
import { hideSecrets } from '../secrets/secrets.ts';
import { isObject, word } from '../values/json.ts';
import { parsePeer } from '../values/peer.ts';
import { readReason } from '../values/reason.ts';
import { type Entry, epochMs, levelOf, loggerOf, namedClient, namedPeer } from './entry.ts';
import { isCrash, readProse } from './prose.ts';
import { timeOf } from './stamp.ts';

/** A `msg` that is a name; any other is prose. */
const NAME = /^[A-Za-z(][\w().:'-]{0,127}$/;
/** A `msg` of words, which is a name where the entry has values of its own: `Egress started`, `create bridge`. */
const WORDS = /^[A-Za-z][A-Za-z_ .,:()-]{0,63}$/;
/** Keys that entries in prose have too. */
const OF_ALL: ReadonlySet<string> = new Set([
  ...['time', 'level', 'msg', 'mfa', 'line', 'pid', 'gl', 'file', 'domain', 'report_cb', 'error_logger'],
  ...['clientid', 'peername', 'username', 'topic', 'tag', 'tns', 'sysmon', 'is_trace'],
]);

/**
 * Reads a record of a JSON log (`{"time":…,"level":…,"msg":…}`, from 4.3 on) or of a JSON trace, which nests its fields below
 * `meta`.
 */
export function readJsonEntry(written: JsonObject, seen: number, marks: number): Entry {
  const record = withoutUnprinted(written);
  const fields = 'meta' in record ? withMeta(record) : record;
  // Trace points of the code name their entries otherwise in 5.0.
  const said = word(fields.msg) ?? word(fields.$kind) ?? '';
  const time = jsonTime(fields.time) ?? seen;
  const level = levelOf(word(fields.level) ?? '');
  const tag = word(fields.tag) ?? word(fields.trace_tag);
  const logger = loggerOf(word(fields.mfa));
  const client = word(fields.clientid) ?? namedClient(fields, false);
  const peername = word(fields.peername);
  const peer = peername === undefined ? namedPeer(fields) : parsePeer(peername);
  if (said !== '' && !NAME.test(said) && !isNamed(said, fields)) {
    const entry = readProse(said.trimEnd(), {
      time,
      level,
      marks,
      tag,
      logger,
      client,
      peer,
      fields,
      isText: false,
    });
    return { ...entry, user: word(fields.username) };
  }
  const printed = word(fields.packet);
  const packet = printed === undefined ? undefined : readPacket(printed);
  const about = readReason(fields.reason).word ?? packet?.type.toUpperCase();
  const shown = about === undefined ? said : said === '' ? about : `${said}: ${about}`;
  return {
    time,
    level,
    marks: packet?.isAmbiguous === true ? marks | Mark.ambiguous : marks,
    message: hideSecrets(shown),
    name: said === '' ? undefined : said,
    text: '',
    tag,
    logger,
    client,
    user: word(fields.username),
    topic: word(fields.topic),
    peer,
    packet,
    payloadSize: sizeOf(fields),
    fields,
    isText: false,
  };
}

/** The `msg` names an entry with values of its own, and does not print them. */
function isNamed(said: string, fields: JsonObject): boolean {
  return WORDS.test(said) && !isCrash(said) && Object.keys(fields).some((key) => !OF_ALL.has(key));
}

/** What tells that a formatter has failed, without the entry that it was given; any other record as it is. */
export function withoutUnprinted(record: JsonObject): JsonObject {
  if (!('formatter_crashed' in record)) return record;
  const { log_event: _, reason: __, ...rest } = record;
  return rest;
}

/** The fields of a JSON trace, which has nothing but these three beside `meta`; a JSON log has `pid` too. */
function withMeta(record: JsonObject): JsonObject {
  const { meta, ...head } = record;
  const isTrace = Object.keys(head).every((key) => key === 'time' || key === 'level' || key === 'msg');
  return isObject(meta) && isTrace ? { ...meta, ...head } : record;
}

function sizeOf({ payload, payload_encode: encoding }: JsonObject): number | undefined {
  if (typeof payload !== 'string') return undefined;
  return payloadSize(payload, word(encoding) ?? 'text');
}

/** Microseconds, or RFC 3339. */
export function jsonTime(value: JsonValue | undefined): number | undefined {
  return typeof value === 'string' ? timeOf(value) : epochMs(value);
}
