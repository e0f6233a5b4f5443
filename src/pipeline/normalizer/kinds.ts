import type { EventKind, Slot } from '../../core/event.ts';
import type { Note } from '../../core/source.ts';
import { defineKind } from '../../ecs/kind.ts';

/** The parser itself failed on a record: a bug of ours, never a reason to stop. */
export const LINE_UNPARSED = defineKind({
  code: 'probe.line_unparsed',
  action: 'line-unparsed',
  provider: 'probe',
  slots: ['error.message'],
});

const note = (action: Note['action'], code: string): EventKind =>
  defineKind({
    code,
    action,
    provider: 'probe',
    slots: [
      'event.reason',
      'service.node.name',
      'mqtt.drop.count',
      'mqtt.probe.input.name',
      'mqtt.probe.output.name',
      'error.code',
      'error.type',
      'error.message',
      'mqtt.probe.state',
      'mqtt.probe.uptime',
      'mqtt.probe.process.resident_memory',
      'mqtt.probe.process.cpu_milliseconds',
      'tls.server.not_after',
      'tls.client.not_after',
    ],
  });

const NOTES: Readonly<Record<Note['action'], EventKind>> = {
  'input-gap': note('input-gap', 'probe.input_gap'),
  'event-rejected': note('event-rejected', 'probe.event_rejected'),
  'probe-started': note('probe-started', 'probe.started'),
  'probe-stopped': note('probe-stopped', 'probe.stopped'),
  'probe-heartbeat': note('probe-heartbeat', 'probe.heartbeat'),
};

/** The kind and the values of a note. */
export function noteEvent(said: Note): { kind: EventKind; values: readonly Slot[] } {
  const kind = NOTES[said.action];
  const fields: Readonly<Record<string, Slot>> = { ...said.fields, 'event.reason': said.reason };
  return { kind, values: kind.slots.map((slot) => fields[slot]) };
}

/** True for what the probe itself says, in words of its own. */
export function isNote(kind: EventKind): boolean {
  return kind.action in NOTES;
}
