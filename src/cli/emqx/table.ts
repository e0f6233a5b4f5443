import { styleText } from 'node:util';
import { safe } from '../../core/text/safe.ts';
import type { ClientRow } from '../../emqx-api/clients.ts';
import { cell } from '../terminal.ts';

/** A client that was asked for; `row` undefined: the broker knows none of that name. */
export interface Asked {
  readonly id: string;
  readonly alias: string | undefined;
  readonly row: ClientRow | undefined;
}

type State = 'connected' | 'disconnected' | 'never connected';

interface Column {
  readonly title: string;
  /** As it is shown. */
  readonly text: (asked: Asked) => string;
  /** What it is sorted by; numbers and times largest first. */
  readonly key: (asked: Asked) => string | number | undefined;
}

const NOTHING = '-';
const MAX_NAME_COLUMNS = 40;

function number(title: string, value: (row: ClientRow) => number | undefined): Column {
  const key = ({ row }: Asked): number | undefined => row && value(row);
  return { title, key, text: (asked) => String(key(asked) ?? NOTHING) };
}

function time(title: string, value: (row: ClientRow) => number | undefined): Column {
  const key = ({ row }: Asked): number | undefined => row && value(row);
  return { title, key, text: (asked) => timeText(key(asked)) };
}

const COLUMNS: readonly Column[] = [
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
const STATE: Column = { title: 'State', text: stateOf, key: stateOf };

/** Titles that `--sort` takes. */
export function columnTitles(withAlias: boolean): string[] {
  return columns(withAlias).map(({ title }) => title);
}

/** @param title as `columnTitles` has it, in any case */
export function sortBy(rows: readonly Asked[], title: string, withAlias: boolean): Asked[] {
  const column = columns(withAlias).find((one) => one.title.toLowerCase() === title.toLowerCase());
  if (column === undefined) return [...rows];
  return rows.toSorted((a, b) => {
    const [x, y] = [column.key(a), column.key(b)];
    if (typeof x === 'string' && typeof y === 'string') return x < y ? -1 : x > y ? 1 : 0;
    return Number(y ?? -1) - Number(x ?? -1);
  });
}

/** The table of clients for people; the state is a word and a colour. */
export function tableText(rows: readonly Asked[], withAlias: boolean, colour: boolean): string {
  const all = columns(withAlias);
  const texts = rows.map((asked) => all.map(({ text }) => safe(text(asked))));
  const widths = all.map(({ title }, i) =>
    Math.min(
      i === 0 ? MAX_NAME_COLUMNS : 30,
      Math.max(title.length, ...texts.map((line) => line[i]?.length ?? 0)),
    ),
  );
  const line = (cells: readonly string[]): string =>
    cells
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
export function clientJson({ id, alias, row }: Asked): object {
  const iso = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : new Date(ms).toISOString();
  const state = stateOf({ id, alias, row });
  if (row === undefined) return { client: id, alias, state };
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

function columns(withAlias: boolean): Column[] {
  const id = ({ id }: Asked): string => id;
  const alias = ({ id, alias }: Asked): string => alias ?? id;
  const first = withAlias
    ? { title: 'Alias', text: alias, key: alias }
    : { title: 'Client', text: id, key: id };
  return [first, ...COLUMNS, STATE];
}

function stateOf({ row }: Asked): State {
  if (row === undefined) return 'never connected';
  return row.connected ? 'connected' : 'disconnected';
}

function painted(line: string, state: State): string {
  const style = { connected: 'green', disconnected: 'red', 'never connected': 'yellow' } as const;
  const at = line.length - state.length;
  return line.slice(0, at) + styleText(style[state], line.slice(at), { validateStream: false });
}

/** On the clock of this machine. */
function timeText(ms: number | undefined): string {
  if (ms === undefined) return NOTHING;
  const at = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
