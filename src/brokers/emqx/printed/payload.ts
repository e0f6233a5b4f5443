import { binarySize } from './binary.ts';

/** Where a payload stands in a text. */
export interface Payload {
  readonly start: number;
  readonly end: number;
  /** In bytes, before it was printed; undefined: not known. */
  readonly size: number | undefined;
}

const PAYLOAD = /^,? ?(?:Payload|Msg)(?:\((text|hex|hidden|base64)\))?=/;
const CUT = /\.\.\.\((\d{1,10}) bytes\)\]?$/;

/** Reads `, Payload(text)=…` or `, Payload=<<"…">>` from `at` to `end`. */
export function payloadAt(text: string, at: number, end: number): Payload | undefined {
  const head = PAYLOAD.exec(text.slice(at, at + 24));
  if (head === null) return undefined;
  const start = at + head[0].length;
  // Nothing is printed of an empty payload; nor is anything where a line is cut.
  if (start === end) return { start, end, size: end < text.length ? 0 : undefined };
  return { start, end, size: payloadSize(text.slice(start, end), head[1]) };
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
