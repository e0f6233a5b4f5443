import { defineKind } from '../ecs/kind.js';
/** The parser itself failed on a record: a bug of ours, never a reason to stop. */
export const LINE_UNPARSED = defineKind({
    code: 'probe.line_unparsed',
    action: 'line-unparsed',
    provider: 'probe',
    slots: ['error.message'],
});
const note = (action, code) => defineKind({
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
const NOTES = {
    'input-gap': note('input-gap', 'probe.input_gap'),
    'event-rejected': note('event-rejected', 'probe.event_rejected'),
    'probe-started': note('probe-started', 'probe.started'),
    'probe-stopped': note('probe-stopped', 'probe.stopped'),
    'probe-heartbeat': note('probe-heartbeat', 'probe.heartbeat'),
};
/** The kind and the values of a note. */
export function noteEvent(said) {
    const kind = NOTES[said.action];
    const fields = { ...said.fields, 'event.reason': said.reason };
    return { kind, values: kind.slots.map((slot) => fields[slot]) };
}
/** True for what the probe itself says, in words of its own. */
export function isNote(kind) {
    return kind.action in NOTES;
}
