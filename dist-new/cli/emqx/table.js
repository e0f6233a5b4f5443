import { styleText } from 'node:util';
import { cell, safe } from '../terminal.js';
const NOTHING = '-';
const MAX_NAME_COLUMNS = 40;
function number(title, value) {
    const key = ({ row }) => row && value(row);
    return { title, key, text: (asked) => String(key(asked) ?? NOTHING) };
}
function time(title, value) {
    const key = ({ row }) => row && value(row);
    return { title, key, text: (asked) => timeText(key(asked)) };
}
const COLUMNS = [
    time('Created', (row) => row.createdAt),
    number('Keepalive', (row) => row.keepAlive),
    time('Connected', (row) => row.connectedAt),
    number('Sub Cnt', (row) => row.subscriptions),
    number('MsgIn Flght', (row) => row.inflight),
    number('RX Msg', ({ counters }) => counters.recv_msg),
    number('RX Drop', ({ counters }) => counters['recv_msg.dropped']),
    number('TX Msg', ({ counters }) => counters.send_msg),
    number('TX Drop', ({ counters }) => sum(counters['send_msg.dropped'], counters.mqueue_dropped)),
];
const STATE = { title: 'State', text: stateOf, key: stateOf };
/** Titles that `--sort` takes. */
export function columnTitles(withAlias) {
    return columns(withAlias).map(({ title }) => title);
}
/** @param title as `columnTitles` has it, in any case */
export function sortBy(rows, title, withAlias) {
    const column = columns(withAlias).find((one) => one.title.toLowerCase() === title.toLowerCase());
    if (column === undefined)
        return [...rows];
    return rows.toSorted((a, b) => {
        const [x, y] = [column.key(a), column.key(b)];
        if (typeof x === 'string' && typeof y === 'string')
            return x < y ? -1 : x > y ? 1 : 0;
        return Number(y ?? -1) - Number(x ?? -1);
    });
}
/** The table of clients for people; the state is a word and a colour. */
export function tableText(rows, withAlias, colour) {
    const all = columns(withAlias);
    const texts = rows.map((asked) => all.map(({ text }) => safe(text(asked))));
    const widths = all.map(({ title }, i) => Math.min(i === 0 ? MAX_NAME_COLUMNS : 30, Math.max(title.length, ...texts.map((line) => line[i]?.length ?? 0))));
    const line = (cells) => cells
        .map((text, i) => cell(text, widths[i] ?? 0))
        .join('  ')
        .trimEnd();
    const head = line(all.map(({ title }) => title));
    const body = texts.map((cells, i) => {
        const asked = rows[i];
        const shown = line(cells);
        return colour && asked !== undefined ? painted(shown, stateOf(asked)) : shown;
    });
    return `${[head, ...body].join('\n')}\n`;
}
/** One client as JSON. Times are ISO 8601. */
export function clientJson({ id, alias, row }) {
    const iso = (ms) => ms === undefined ? undefined : new Date(ms).toISOString();
    const state = stateOf({ id, alias, row });
    if (row === undefined)
        return { client: id, alias, state };
    const { counters, createdAt, connectedAt, disconnectedAt, id: _, connected: __, ...facts } = row;
    return {
        client: id,
        alias,
        state,
        ...facts,
        created_at: iso(createdAt),
        connected_at: iso(connectedAt),
        disconnected_at: iso(disconnectedAt),
        ...counters,
    };
}
function columns(withAlias) {
    const id = ({ id }) => id;
    const alias = ({ id, alias }) => alias ?? id;
    const first = withAlias
        ? { title: 'Alias', text: alias, key: alias }
        : { title: 'Client', text: id, key: id };
    return [first, ...COLUMNS, STATE];
}
function stateOf({ row }) {
    if (row === undefined)
        return 'never connected';
    return row.connected ? 'connected' : 'disconnected';
}
function painted(line, state) {
    const style = { connected: 'green', disconnected: 'red', 'never connected': 'yellow' };
    const at = line.length - state.length;
    return line.slice(0, at) + styleText(style[state], line.slice(at), { validateStream: false });
}
/** On the clock of this machine. */
function timeText(ms) {
    if (ms === undefined)
        return NOTHING;
    const at = new Date(ms);
    const two = (n) => String(n).padStart(2, '0');
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
function sum(a, b) {
    return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
