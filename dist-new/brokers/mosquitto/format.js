import { defineKind } from '../../ecs/kind.js';
import { versionNumber } from './era.js';
import { HOLES } from './holes.js';
/**
 * Reads a table of formats, one a line: log level, versions, code, format, with one blank between.
 * A code may stand several times: formats that say the same.
 */
export function parseFormats(table, options = {}) {
    return table
        .split('\n')
        .filter((row) => row !== '')
        .map((row) => parseRow(row, options));
}
function parseRow(row, options) {
    const [level = '', versions = '', code = ''] = row.split(' ', 3);
    const text = row.slice(level.length + versions.length + code.length + 3);
    const parts = text.split(/\{(\w+)\}/);
    const literals = parts.filter((_, i) => i % 2 === 0);
    const holes = parts.filter((_, i) => i % 2 === 1).map((name) => HOLES[name]);
    const [since = '', until = ''] = versions.split('-');
    const slots = options.slots ?? [...new Set(holes.flatMap((hole) => hole.fields))];
    return {
        text,
        versions,
        since: versionNumber(since),
        until: until === '' ? Number.MAX_SAFE_INTEGER : versionNumber(until),
        literals,
        holes,
        client: holes.indexOf(HOLES.client),
        loose: options.loose === true,
        emit: options.emit ?? emitHoles,
        kind: defineKind({
            code: `mosquitto.${code}`,
            action: options.action ?? 'broker-log',
            level: level,
            ...(options.outcome && { outcome: options.outcome }),
            constants: { ...(options.reason && { 'event.reason': options.reason }), ...options.constants },
            slots,
        }),
    };
}
/** Emits an event with the fields of the holes. */
export const emitHoles = ({ format, texts }, line, sure) => {
    if (!sure) {
        line.emitUnsure(format.kind);
        return;
    }
    const values = [];
    for (const [i, hole] of format.holes.entries()) {
        if (hole.fields.length === 0)
            continue;
        const filled = hole.fill(texts[i] ?? '', line);
        for (const [k, field] of hole.fields.entries())
            values[format.kind.slots.indexOf(field)] = filled[k];
    }
    line.emit(format.kind, values);
};
