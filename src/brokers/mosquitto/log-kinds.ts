import type { EventKind } from '../../core/event.ts';
import { defineKind } from '../../ecs/kind.ts';

/** A line of which no rule says more. */
export const LOG_LINE = defineKind({ code: 'mosquitto.log', action: 'broker-log' });
const LOG_ERROR = defineKind({ code: 'mosquitto.log', action: 'broker-log', level: 'error' });
const LOG_WARNING = defineKind({ code: 'mosquitto.log', action: 'broker-log', level: 'warning' });
/** A further physical line of a message: of two lines, or with a line break in a name. */
export const CONTINUATION = defineKind({ code: 'mosquitto.continuation', action: 'broker-log' });
/** A line that may as well be text of a client. */
export const DOUBTFUL = defineKind({ code: 'mosquitto.doubtful', action: 'broker-log' });

/** The kind of a line that no rule reads, by the word that it begins with. */
export function unknownKind(text: string): EventKind {
  if (text.startsWith('Error')) return LOG_ERROR;
  return text.startsWith('Warning') ? LOG_WARNING : LOG_LINE;
}
