import type { EventKind } from '../../core/event.ts';
import { defineKind } from '../../ecs/kind.ts';

/** A line that no rule and no format reads. */
export const LOG_LINE = defineKind({ code: 'mosquitto.log', action: 'broker-log' });
const LOG_ERROR = defineKind({ code: 'mosquitto.log', action: 'broker-log', level: 'error' });
const LOG_WARNING = defineKind({ code: 'mosquitto.log', action: 'broker-log', level: 'warning' });
/** A further line of a message: the message has two lines, or a name holds a line break. */
export const CONTINUATION = defineKind({ code: 'mosquitto.continuation', action: 'broker-log' });
/** A line that may be a client's text. */
export const DOUBTFUL = defineKind({ code: 'mosquitto.doubtful', action: 'broker-log' });

/** The kind of a line that nothing reads, by its first word. */
export function unknownKind(text: string): EventKind {
  if (text.startsWith('Error')) return LOG_ERROR;
  return text.startsWith('Warning') ? LOG_WARNING : LOG_LINE;
}
