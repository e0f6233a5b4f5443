/** Column at which the 40 digits of `event.id` start in every event. */
export const EVENT_ID_COLUMN = '{"event":{"id":"'.length;
/** Length of `event.id`. */
export const EVENT_ID_LENGTH = 40;
