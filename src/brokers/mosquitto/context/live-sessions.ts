import type { JsonValue } from '../../../core/event.ts';
import { own } from '../text/own.ts';
import { inCommon, type LiveSession, restore, saved, UNKNOWN_SESSION } from './live-session.ts';

/** Sessions that are remembered; the one connected longest ago is forgotten first. */
const MAX_SESSIONS = 10_000;

/** Cut ids, and possible ids, that are remembered. */
const MAX_CUT = 64;

/** Clients that have left a session behind of which so many are remembered. */
const MAX_LEFT = 10_000;

/** What follows the id in a connect line. */
const TAIL = ' (';

/** The connected clients, as far as the log tells. */
export class LiveSessions {
  private readonly sessions = new Map<string, LiveSession>();
  /** Connected clients whose id begins like a line of the log: lines that begin with such an id may look like others. */
  private readonly imitators = new Set<string>();
  /** What cut lines showed of the ids of connected clients. */
  private readonly cut = new Set<string>();
  /** Possible ids of clients whose connect line could be read in several ways. */
  private readonly maybe = new Set<string>();
  /** Clients that have left, and whose sessions the broker may have kept. */
  private readonly left = new Set<string>();
  private readonly imitates: (id: string) => boolean;
  /** While set, nothing changes. */
  frozen = false;

  /**
   * @param imitates tells whether an id begins like a line of the log
   * @param state what `state` gave
   */
  constructor(imitates: (id: string) => boolean, state: JsonValue | undefined) {
    this.imitates = imitates;
    const [sessions, cut, maybe, left] = Array.isArray(state) ? state : [];
    for (const entry of Array.isArray(sessions) ? sessions : []) {
      const [id, ...rest] = Array.isArray(entry) ? entry : [];
      this.add(String(id), restore(rest));
    }
    for (const id of Array.isArray(cut) ? cut : []) this.cut.add(String(id));
    for (const id of Array.isArray(maybe) ? maybe : []) this.maybe.add(String(id));
    for (const id of Array.isArray(left) ? left : []) this.left.add(String(id));
  }

  has(id: string): boolean {
    return this.sessions.has(id);
  }

  get(id: string): LiveSession | undefined {
    return this.sessions.get(id);
  }

  /** As `get`; where it may have been the connection that it has taken over, what both have in common. */
  certain(id: string): LiveSession | undefined {
    const session = this.sessions.get(id);
    return session === undefined ? undefined : inCommon(session);
  }

  connected(id: string, session: LiveSession): void {
    if (this.frozen) return;
    const { before: _, ...before } = this.sessions.get(id) ?? UNKNOWN_SESSION;
    const { ip, address, user } = session;
    this.sessions.delete(id);
    this.left.delete(id);
    this.add(own(id), {
      ...session,
      ip: ip === undefined ? undefined : own(ip),
      ...(address !== undefined && { address: own(address) }),
      user: user === undefined ? undefined : own(user),
      ...(before.unannounced && { before }),
    });
    if (this.sessions.size <= MAX_SESSIONS) return;
    for (const oldest of this.sessions.keys()) {
      this.remove(oldest);
      break;
    }
  }

  /** The client has got its CONNACK. */
  answered(id: string): void {
    const session = this.sessions.get(id);
    if (session !== undefined && !this.frozen) this.sessions.set(id, { ...session, isAnswered: true });
  }

  /**
   * A client has connected whose id was cut.
   * @param shown what the line showed of it
   */
  connectedCut(shown: string): void {
    if (!this.frozen && shown !== '') remember(this.cut, shown);
  }

  /** A client has connected that has one of these ids. */
  connectedMaybe(ids: readonly string[]): void {
    if (this.frozen) return;
    for (const id of ids) if (this.imitates(id)) remember(this.maybe, id);
  }

  /** Another line has told the whole id. */
  forgetCut(shown: string): void {
    if (!this.frozen) this.cut.delete(shown);
  }

  /** What stands at this place of the text may be the id of a connected client whose id was cut. */
  isCut(text: string, at: number): boolean {
    for (const shown of this.cut)
      if (text.startsWith(shown, at) || shown.startsWith(text.slice(at))) return true;
    return false;
  }

  /** A connected client whose id is not certain may have this one. */
  mayBe(id: string): boolean {
    if (this.maybe.has(id)) return true;
    for (const shown of this.cut) {
      if (
        id.startsWith(shown) ||
        (shown.startsWith(id) && TAIL.startsWith(shown.slice(id.length, id.length + TAIL.length)))
      )
        return true;
    }
    return false;
  }

  /**
   * The client has left.
   * @returns what was known of its connection; where it may have been the one that it had taken over, what both have in
   * common
   */
  gone(id: string): LiveSession | undefined {
    const session = this.sessions.get(id);
    if (session === undefined || this.frozen) return session;
    const { before, ...now } = session;
    if (before === undefined) {
      this.remove(id);
      if (session.isKept) this.leave(id);
    } else this.sessions.set(id, now);
    return inCommon(session);
  }

  /** The client has left, and has certainly not connected since. */
  hasLeft(id: string): boolean {
    return this.left.has(id) && !this.sessions.has(id) && !this.mayBe(id);
  }

  /** The text begins with the id of a connected client and a blank, and that id begins like a line of the log. */
  mayImitate(text: string): boolean {
    const begins = (id: string): boolean => text.startsWith(id) && text.charCodeAt(id.length) === 0x20;
    for (const id of this.imitators) if (begins(id)) return true;
    for (const id of this.maybe) if (begins(id)) return true;
    for (const shown of this.cut) if (text.startsWith(shown)) return true;
    return false;
  }

  /** The broker has started: nobody is connected. */
  clear(): void {
    if (this.frozen) return;
    for (const [id, { isKept }] of this.sessions) if (isKept) this.leave(id);
    this.sessions.clear();
    this.imitators.clear();
    this.cut.clear();
    this.maybe.clear();
  }

  state(): JsonValue {
    return [
      [...this.sessions].map(([id, session]) => [id, ...saved(session)]),
      [...this.cut],
      [...this.maybe],
      [...this.left],
    ];
  }

  private add(id: string, session: LiveSession): void {
    this.sessions.set(id, session);
    if (this.imitates(id)) this.imitators.add(id);
  }

  private leave(id: string): void {
    remember(this.left, id, MAX_LEFT);
  }

  private remove(id: string): void {
    this.sessions.delete(id);
    this.imitators.delete(id);
  }
}

function remember(few: Set<string>, text: string, limit: number = MAX_CUT): void {
  few.add(own(text));
  if (few.size <= limit) return;
  for (const oldest of few) {
    few.delete(oldest);
    break;
  }
}
