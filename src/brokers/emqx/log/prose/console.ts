import type { Emitter } from '../../emitter.ts';
import { isTerminating, openedListener, runningVersion } from '../../entries/console.ts';
import type { Entry } from '../../entries/entry.ts';
import { parsePeer } from '../../values/peer.ts';
import { LOG } from '../kinds.ts';

/** Words in names of listeners: `mqtt:wss:external`, `tcp:default`. */
const TRANSPORTS: ReadonlyMap<string, string> = new Map([
  ['tcp', 'tcp'],
  ['ssl', 'tls'],
  ['tls', 'tls'],
  ['ws', 'ws'],
  ['wss', 'wss'],
  ['quic', 'quic'],
]);

/** The event of a line of the console; false: it says nothing that has an event of its own. */
export function emitConsole(entry: Entry, out: Emitter): boolean {
  const { text } = entry;
  const listener = openedListener(text);
  if (listener !== undefined) {
    const { name, at } = listener;
    const { ip, port } = /^:?\d{1,5}$/.test(at)
      ? { ip: undefined, port: Number(at.replace(':', '')) }
      : parsePeer(at);
    const transport = name
      .split(':')
      .map((part) => TRANSPORTS.get(part))
      .find((known) => known !== undefined);
    out.entry(LOG.listening, entry, [ip, port, ip, transport], { more: { listener: name } });
    return true;
  }
  if (runningVersion(text) !== undefined) out.entry(LOG.started, entry, []);
  else if (isTerminating(text)) out.entry(LOG.stopped, entry, []);
  else return false;
  return true;
}
