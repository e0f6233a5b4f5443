import type { EventKind, JsonObject } from '../../../core/event.ts';
import { VERSION_2_0 } from '../context/version-range.ts';
import { knownLines } from '../known-lines.ts';
import type { LineReader } from '../line.ts';
import { mayBeFull } from '../text/line-length.ts';
import { DryRun } from './dry-run.ts';

/** What stands at the start of every run of the broker. */
const START = 'mosquitto version ';

/**
 * Tells lines that may be a client's text. Without debug lines a subscription's line `ID FILTER` stands alone, and id and
 * filter can together look like any line.
 */
export class Doubt {
  /** The log has debug lines: no line about a subscription stands alone. */
  seesDebug: boolean;
  /** The log has lines about subscriptions that stand alone. */
  seesLoneGrants: boolean;
  private readonly line: LineReader;
  private readonly dry: DryRun;

  /** @param state what `state` gave, among other things */
  constructor(line: LineReader, state: JsonObject | undefined) {
    this.line = line;
    this.dry = new DryRun(line);
    this.seesDebug = state?.seesDebug === true;
    this.seesLoneGrants = state?.seesLoneGrants === true;
  }

  /** A line of a known format that begins with a connected client's id, where lines about subscriptions may stand alone. */
  isDoubtful(text: string): boolean {
    if (this.seesDebug || !this.line.live.mayImitate(text)) return false;
    if (!this.seesLoneGrants && !text.startsWith(START)) return false;
    return this.wouldRead(text) || kindOfCut(text, this.line) !== undefined;
  }

  /** A line of a known format. It may be genuine: a client that it says has connected may be connected. */
  wouldRead(text: string): boolean {
    const isRead = this.dry.read(text);
    const { next } = this.dry;
    if (next.type === 'connected') {
      const { live } = this.line;
      live.connectedMaybe(next.candidates.map(({ client }) => client));
      if (next.shown !== undefined) live.connectedCut(next.shown);
    }
    return isRead;
  }

  state(): JsonObject {
    return { seesDebug: this.seesDebug, seesLoneGrants: this.seesLoneGrants };
  }
}

/** The kind of a line whose end the broker may have cut; undefined: it is whole, or its beginning does not tell. */
export function kindOfCut(text: string, line: LineReader): EventKind | undefined {
  const isCut = line.cut || (!line.versions.isSince(VERSION_2_0) && mayBeFull(text));
  return isCut ? knownLines.kindOf(text) : undefined;
}
