import { open } from 'node:fs/promises';
import { dialect } from '../../brokers/emqx/index.ts';
import { reasonOf, UnparsedRecord } from '../../core/errors.ts';
import { type Action, type Emit, Mark } from '../../core/event.ts';
import { amount } from '../../core/text/amount.ts';
import { detectFraming, openDecoder } from '../../framing/detect.ts';
import { EntryJoiner } from '../../framing/entries.ts';
import type { TextVisitor } from '../../framing/lines.ts';
import { findFiles } from '../../inputs/file/finding/discovery.ts';
import { accessProblem } from '../../inputs/file/tailing/problems.ts';
import type { Finding } from '../doctor.ts';
import { unreadableLog } from '../unreadable-log.ts';

/** Of a long log only the end is read. */
const MAX_BYTES = 4 * 1024 * 1024;
const LIMIT_BYTES = 1024 * 1024;
const HEAD_BYTES = 1024;

/** What the end of a log shows. */
interface LogReading {
  readonly path: string;
  entries: number;
  json: number;
  ambiguous: number;
  unparsed: number;
  /** Messages that the broker has left out, by its own words. */
  throttled: number;
  readonly actions: Map<Action, number>;
}

/** Reads the end of the newest log that the patterns name. */
export async function readNewestLog(
  patterns: readonly string[],
  timezone: string | undefined,
): Promise<{ reading: LogReading | undefined; findings: Finding[] }> {
  if (patterns.length === 0) return { reading: undefined, findings: [] };
  const found = await findFiles(patterns);
  const [newest] = found.toSorted((a, b) => b.modifiedMs - a.modifiedMs);
  try {
    if (newest !== undefined)
      return { reading: await read(newest.path, newest.sizeBytes, timezone), findings: [] };
    const reasons = await Promise.all(patterns.map((pattern) => accessProblem(pattern, undefined)));
    return { reading: undefined, findings: [unreadableLog(reasons.join('; '))] };
  } catch (error) {
    const problem = newest === undefined ? '' : await accessProblem(newest.path, error);
    return { reading: undefined, findings: [unreadableLog(problem || reasonOf(error))] };
  }
}

/** What follows of it. */
export function checkLogReading(reading: LogReading): Finding[] {
  const { path, entries, json, ambiguous, throttled, unparsed, actions } = reading;
  const findings: Finding[] = [];
  if (throttled > 0)
    findings.push({
      check: 'log-throttled',
      severity: 'warning',
      title: `The broker has left out ${amount(throttled, 'message')} of ${path}, by its own count`,
      lost: 'Most failed logins, denials and drops of a burst: from 5.6 on it writes one of a kind a minute. Rules tell them all: brokertap emqx rules.',
      changes: [],
    });
  if (ambiguous > 0)
    findings.push({
      check: 'log-ambiguous',
      severity: 'warning',
      title: `${ambiguous} of ${amount(entries, 'entry', 'entries')} of ${path} can be read in more than one way`,
      lost: 'Their doubtful fields: somebody has put what looks like a field into a name or topic. A JSON log has no doubt: log.file.formatter = json.',
      changes: [],
    });
  if (unparsed > 0)
    findings.push({
      check: 'log-unparsed',
      severity: 'warning',
      title: `${unparsed} of ${amount(entries, 'entry', 'entries')} of ${path} cannot be read as records of EMQX`,
      lost: 'What they say: they become line-unparsed. Does another program write to the same file?',
      changes: [],
    });
  const told = [...actions].sort((a, b) => b[1] - a[1]).map(([action, count]) => `${action} (${count})`);
  if (entries > 0)
    findings.push({
      check: 'log-tells',
      severity: 'note',
      title: `The last ${amount(entries, 'entry', 'entries')} of ${path}: ${json === 0 ? 'text' : json === entries ? 'JSON' : 'text and JSON'}`,
      lost: `They become ${told.join(', ')}.`,
      changes: [],
    });
  return findings;
}

async function read(path: string, sizeBytes: number, timezone: string | undefined): Promise<LogReading> {
  const { framing, bytes } = await endOf(path, sizeBytes);
  const reading: LogReading = {
    path,
    entries: 0,
    json: 0,
    ambiguous: 0,
    unparsed: 0,
    throttled: 0,
    actions: new Map(),
  };
  const emit: Emit = ({ action, slots }, _time, _message, values, marks = 0) => {
    reading.actions.set(action, (reading.actions.get(action) ?? 0) + 1);
    if ((marks & Mark.ambiguous) !== 0) reading.ambiguous++;
    const count = values[slots.indexOf('mqtt.drop.count')];
    if (action === 'log-throttled' && typeof count === 'number') reading.throttled += count;
  };
  const session = dialect.open(
    { ownClients: new Set(), topicRoot: 2, ...(timezone !== undefined && { timezone }) },
    emit,
  );
  const visit: TextVisitor = (entry, _start, marks, seen, _length, header) => {
    if (entry === '' || (header !== undefined && header.origin !== 'broker')) return true;
    reading.entries++;
    if (entry.startsWith('{"')) reading.json++;
    try {
      session.line(entry, seen ?? Date.now(), marks);
    } catch (error) {
      if (!(error instanceof UnparsedRecord)) throw error;
      reading.unparsed++;
    }
    return true;
  };
  const { role } = dialect;
  if (role === undefined) return reading;
  const decode = openDecoder(framing, { timezone, program: dialect.name });
  const end = { final: true };
  new EntryJoiner(role, false).decode(decode, bytes, 0, bytes.length, LIMIT_BYTES, end, () => false, visit);
  return reading;
}

/** The whole lines at the end of a log, and what stands around them. */
async function endOf(
  path: string,
  sizeBytes: number,
): Promise<{ framing: ReturnType<typeof detectFraming>; bytes: Buffer }> {
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const framing = detectFraming(head.subarray(0, (await handle.read(head, 0, HEAD_BYTES, 0)).bytesRead));
    const start = Math.max(0, sizeBytes - MAX_BYTES);
    const end = Buffer.alloc(sizeBytes - start);
    const { bytesRead } = await handle.read(end, 0, end.length, start);
    const bytes = end.subarray(0, bytesRead);
    return { framing, bytes: bytes.subarray(start === 0 ? 0 : bytes.indexOf(0x0a) + 1) };
  } finally {
    await handle.close();
  }
}
