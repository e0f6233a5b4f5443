import { styleText } from 'node:util';
import { isObject } from '../core/json/object.ts';
import { safe } from '../core/text/safe.ts';

type Colour = 'red' | 'yellow' | 'green' | 'cyan' | 'gray' | 'magenta';

const MESSAGE_CHARS = 160;

/**
 * One event as one line for a terminal: time, action, who, from where, about what, the text. Nothing that a client wrote
 * reaches the terminal as a control character.
 * @param event as the encoder writes it
 */
export function formatEvent(event: unknown, colour: boolean): string {
  const get = (path: string, form = (text: string): string => text): string => {
    let at: unknown = event;
    for (const key of path.split('.')) at = isObject(at) ? at[key] : undefined;
    return at === undefined ? '' : safe(form(typeof at === 'object' ? JSON.stringify(at) : String(at)));
  };
  const paint = (name: Colour, text: string): string =>
    colour ? styleText(name, text, { validateStream: false }) : text;
  const action = get('event.action');
  const failed = get('event.outcome') === 'failure';
  const way =
    get('event.provider') === 'mqtt-mirror' ? 'mirror' : get('event.provider') === 'probe' ? 'probe' : 'log';
  const topic = get('mqtt.topic') || get('mqtt.subscription.filter');
  const address = get('source.ip');
  const parts = [
    paint('gray', get('@timestamp').slice(11, 23)),
    paint(way === 'mirror' ? 'magenta' : 'gray', way.padEnd(6)),
    paint(failed ? 'red' : action.includes('denied') ? 'yellow' : 'green', action.padEnd(28)),
    paint('cyan', get('mqtt.client.id') || get('mqtt.publisher.client.id') || '-'),
    address && paint('gray', get('source.port') ? `${address}:${get('source.port')}` : address),
    topic,
    get('event.reason') && paint('yellow', get('event.reason')),
    get('mqtt.ambiguous') && paint('red', 'AMBIGUOUS'),
    // Mosquitto's lines of filters begin with a TAB.
    paint('gray', get('message', (text) => text.trimStart()).slice(0, MESSAGE_CHARS)),
  ];
  return parts.filter((part) => part !== '').join(' ');
}
