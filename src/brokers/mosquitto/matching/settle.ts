import type { EventKind } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import type { LineReader } from '../line.ts';
import type { Reading } from './format.ts';
import { MAX_READINGS } from './match.ts';

/** A line of which not even the kind is certain: that depends on where a client's text ends. */
const AMBIGUOUS = defineKind({ code: 'mosquitto.ambiguous', action: 'broker-log' });

/**
 * Chooses between the readings of a line and emits its event. Readings drop out in three steps: formats that are `loose`,
 * formats of versions that cannot have written the log, clients that are not connected.
 * @param only the one kind of all lines that begin so; undefined: there are several
 */
export function settle(all: readonly Reading[], only: EventKind | undefined, line: LineReader): void {
  let readings = all;
  const firm = all.filter((reading) => !reading.format.loose);
  if (firm.length > 0) readings = firm;
  if (readings.length > 1)
    readings = narrow(readings, ({ format }) => line.versions.meets(format.since, format.until));
  const clients = new Set(readings.map(clientOf));
  if (clients.size > 1) {
    const live = readings.filter((reading) => isLive(reading, line));
    if (live.length > 0) readings = live;
  }
  const since = Math.min(...readings.map(({ format }) => format.since));
  const until = Math.max(...readings.map(({ format }) => format.until));
  if (agree(readings)) readings = [best(readings)];
  const [first] = readings;
  if (first === undefined) return;
  if (mayBeCut(first, line)) {
    line.emitUnsure(only ?? AMBIGUOUS);
    return;
  }
  if (all.length < MAX_READINGS && readings.length === 1) {
    line.versions.narrow(since, until);
    first.format.emit(first, line, true);
    return;
  }
  const { kind } = first.format;
  if (readings.every(({ format }) => format.kind.action === kind.action))
    first.format.emit(first, line, false);
  else line.emitUnsure(AMBIGUOUS);
}

/** The reading whose format has the most text of its own, of the newest version. */
function best(readings: readonly Reading[]): Reading {
  return readings.reduce((chosen, reading) => {
    const more = fixedLength(reading) - fixedLength(chosen);
    return more > 0 || (more === 0 && reading.format.since > chosen.format.since) ? reading : chosen;
  });
}

function fixedLength({ format }: Reading): number {
  return format.literals.reduce((sum, literal) => sum + literal.length, 0);
}

function narrow(readings: readonly Reading[], keep: (reading: Reading) => boolean): readonly Reading[] {
  const kept = readings.filter(keep);
  return kept.length === 0 ? readings : kept;
}

function clientOf({ format, texts }: Reading): string | undefined {
  return format.client === -1 ? undefined : texts[format.client];
}

function isLive(reading: Reading, line: LineReader): boolean {
  const client = clientOf(reading);
  return client !== undefined && line.live.has(client);
}

/** All readings name the same client, or none: which of them is true depends on the broker's text alone. */
function agree(readings: readonly Reading[]): boolean {
  const [first, ...others] = readings;
  return others.every(
    (other) =>
      first !== undefined &&
      clientOf(other) === clientOf(first) &&
      (clientOf(first) === undefined || other.format.kind.action === first.format.kind.action),
  );
}

/** The broker may have cut the line: what looks like its end may be a client's text. */
function mayBeCut(reading: Reading, line: LineReader): boolean {
  const client = clientOf(reading);
  if (!line.cut || client === undefined) return false;
  return !line.live.has(client) || line.live.isCut(client, 0);
}
