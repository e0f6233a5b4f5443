/** Slots that every event has, before those of its kind. `event.id` comes first: its column is fixed. */
export const BASE_SLOTS = [
  'event.id',
  'event.sequence',
  'event.created',
  '@timestamp',
  'message',
  'log.offset',
  'mqtt.log.length',
  'event.original',
] as const;
