import type { Framing } from '../core/source.ts';
import { decodeCri, decodeDocker } from './container.ts';
import { decodeLines, type TextDecoder } from './lines.ts';

/** Decoders of text framings. */
export const TEXT_DECODERS: Readonly<Record<Exclude<Framing, 'journal'>, TextDecoder>> = {
  lines: decodeLines,
  docker: decodeDocker,
  cri: decodeCri,
};

const DOCKER = /^\{"(log|stream|time|attrs)":/;
const CRI = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d) (stdout|stderr) [FP]/;

/** Enough of a file's start to tell the framing by. */
export const DETECT_BYTES = 64;

/** Tells by the first bytes of a file which container runtime wrote it, if any. */
export function detectFraming(head: Buffer): Exclude<Framing, 'journal'> {
  const text = head.toString('latin1', 0, DETECT_BYTES);
  if (DOCKER.test(text)) return 'docker';
  return CRI.test(text) ? 'cri' : 'lines';
}
