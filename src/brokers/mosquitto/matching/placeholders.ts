import type { Slot } from '../../../core/event.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import type { VersionRange } from '../context/version-range.ts';
import { NO_ADDRESS, parseAddress, parsePeer } from '../text/address.ts';
import { LIBRARY_WORDS, SYSTEM_WORDS } from './words.ts';

/** What a broker fills into a format. */
export interface Placeholder {
  /** It can hold any text: only the fixed text around it shows where it begins and ends. */
  readonly free: boolean;
  /** A text can be what is filled in. */
  readonly accepts: (text: string) => boolean;
  readonly fields: readonly FieldName[];
  /** Values of the fields. */
  readonly fill: (text: string, line: { readonly versions: VersionRange }) => readonly Slot[];
}

const nothing = (): readonly Slot[] => [];
const itself = (text: string): readonly Slot[] => [text];

/** Any text, as `field`. */
const free = (field?: FieldName): Placeholder => ({
  free: true,
  accepts: (text) => text !== '',
  fields: field === undefined ? [] : [field],
  fill: field === undefined ? nothing : itself,
});
/** Text of a pattern, as `field`. */
const strict = (
  accepts: Placeholder['accepts'],
  field?: FieldName,
  fill: (text: string) => Slot = (text) => text,
): Placeholder => ({
  free: false,
  accepts,
  fields: field === undefined ? [] : [field],
  fill: field === undefined ? nothing : (text) => [fill(text)],
});

const isNumber = (text: string): boolean => /^-?\d{1,20}$/.test(text);
const isWord = (text: string): boolean => /^[^\s]{1,200}$/.test(text);
const positive = (text: string): Slot => (Number(text) === 0 ? undefined : Number(text));

/** All placeholders, by their names in the tables. */
export const PLACEHOLDERS = {
  client: free('mqtt.client.id'),
  user: free('user.name'),
  text: { ...free(), accepts: () => true },
  error: free('error.message'),
  method: free('mqtt.auth.method'),
  filter: free('mqtt.subscription.filter'),
  bridge: free('mqtt.bridge.name'),
  host: free('destination.address'),
  /** An error in the words of the C library. */
  errno: strict((text) => SYSTEM_WORDS.has(text) || /^Unknown error \d+$/.test(text), 'error.message'),
  /** An error in the words of Mosquitto's library. */
  strerror: strict((text) => LIBRARY_WORDS.has(text), 'error.message'),
  /** `error:0A000086:SSL routines::certificate verify failed`: OpenSSL's words, none of a client. */
  openssl: strict(
    (text) => /^error:[0-9A-Fa-f]{1,16}:[^:[\]]*:[^:[\]]*:[^[\]]*$/.test(text),
    'error.message',
  ),
  word: strict(isWord),
  cipher: strict(isWord, 'tls.cipher'),
  tls: strict(
    (text) => /^(TLS|SSL|DTLS)v?[\w.]*$/.test(text),
    'tls.version',
    (text) => text.replace(/^D?TLSv/, ''),
  ),
  packet: strict(
    (text) => /^[A-Z]{4,11}$/.test(text),
    'mqtt.packet.type',
    (text) => text.toLowerCase(),
  ),
  number: strict(isNumber),
  hex: strict((text) => /^[0-9A-Fa-f]{1,8}$/.test(text)),
  id: strict(isNumber, 'mqtt.message_id', positive),
  code: strict(isNumber, 'mqtt.reason_code', Number),
  qos: strict((text) => /^[0-3]$/.test(text), 'mqtt.subscription.qos', Number),
  bytes: strict(isNumber, 'network.bytes', Number),
  port: strict(isNumber, 'destination.port', Number),
  /** An address without port. */
  address: {
    free: false,
    accepts: (text) => isAddress(text) || parseAddress(text).ip !== undefined,
    fields: ['source.ip', 'source.address'],
    fill: (text) => {
      const { ip, address } = parseAddress(text);
      return [ip, address === NO_ADDRESS ? undefined : address];
    },
  },
  /** `ADDRESS:PORT`. */
  peer: {
    free: false,
    accepts: (text) => isPeer(text),
    fields: ['source.ip', 'source.port', 'source.address'],
    fill: (text) => {
      const { ip, port, address } = parsePeer(text);
      return [ip, port, address === NO_ADDRESS || address === '' ? undefined : address];
    },
  },
} as const satisfies Record<string, Placeholder>;

export type PlaceholderName = keyof typeof PLACEHOLDERS;

function isAddress(text: string): boolean {
  return text.startsWith('/') || text === NO_ADDRESS;
}

function isPeer(text: string): boolean {
  const { ip, port, address } = parsePeer(text);
  return (
    (ip !== undefined && port !== undefined) ||
    ((address === '' || isAddress(address)) && text.endsWith(':0'))
  );
}
