import { binarySize } from './binary.ts';

/** Where a payload stands in a text. */
export interface Payload {
  readonly start: number;
  readonly end: number;
  /** In bytes, before it was printed; undefined: not known. */
  readonly size: number | undefined;
}

const PAYLOAD = /^,? ?(?:Payload|Msg)(?:\((text|hex|hidden|base64)\))?=/;
/** What stands for one with `payload_encode = hidden`. */
const HIDDEN = '******';
const CUT = /\.\.\.\((\d{1,10}) bytes\)\]?$/;

/** A payload of a packet begins here: `, Payload…`, in early 5.0 `,Payload…` or `Payload…`. */
export function isPayloadAt(text: string, at: number): boolean {
  const comma = text.charCodeAt(at) === 0x2c ? 1 : 0;
  return text.startsWith('Payload', at + comma + (comma === 1 && text.charCodeAt(at + 1) === 0x20 ? 1 : 0));
}

/**
 * Reads `, Payload(text)=…` or `, Payload=<<"…">>` from `at` to `end`.
 * @param encoding of one that does not tell its own
 */
export function payloadAt(
  text: string,
  at: number,
  end: number,
  encoding?: string | undefined,
): Payload | undefined {
  const head = PAYLOAD.exec(text.slice(at, at + 24));
  if (head === null) return undefined;
  const start = at + head[0].length;
  // Nothing is printed of an empty payload; nor is anything where a line is cut.
  if (start === end) return { start, end, size: end < text.length ? 0 : undefined };
  const printed = text.slice(start, end);
  return { start, end, size: printed === HIDDEN ? undefined : payloadSize(printed, head[1] ?? encoding) };
}

/** Size in bytes of a payload printed in one of EMQX's `payload_encode` forms; undefined: the form does not tell. */
export function payloadSize(printed: string, encoding: string | undefined): number | undefined {
  const cut = printed.endsWith(' bytes)') || printed.endsWith(' bytes)]') ? CUT.exec(printed) : null;
  if (cut !== null) return Number(cut[1]);
  switch (encoding) {
    case 'text':
      return Buffer.byteLength(printed);
    case 'hex':
      return printed.length % 2 === 0 ? printed.length / 2 : undefined;
    case undefined:
      return printed.startsWith('<<') ? binarySize(printed) : undefined;
    default:
      return undefined;
  }
}
