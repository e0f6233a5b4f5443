import { styleText } from 'node:util';
import { cell, fit } from '../terminal.ts';
import type { Summary } from './summary.ts';
import type { TopCounter } from './top.ts';

const COLUMNS = 80;
const BAR_COLUMNS = 24;
/** Rows of lists that may be long. */
const ROWS = 5;
const NAME_COLUMNS = 28;
const HALF_COLUMNS = 38;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

type Paint = (style: 'bold' | 'cyan' | 'gray' | 'red' | 'yellow', text: string) => string;

/** The summary as a table for people, at most 80 columns wide. */
export function summaryText(summary: Summary, colour: boolean): string {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const blocks = [
    overview(summary),
    actions(summary, paint),
    beside(
      list('Disconnected because', summary.disconnects, paint),
      list('Most disconnects', summary.leavers, paint),
    ),
    refusals(summary, paint),
    beside(
      list('Refused sources', summary.refusedSources, paint),
      list('Busiest clients', summary.clients, paint),
    ),
    gaps(summary, paint),
    doubts(summary, paint),
    plain(summary, paint),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n')}\n`;
}

function overview({ events, first, last, peak, records, versions }: Summary): string[] {
  const left = [
    records.empty > 0 ? `${number(records.empty)} empty` : '',
    records.foreign > 0 ? `${number(records.foreign)} of other programs` : '',
  ].filter((part) => part !== '');
  const lines = [
    `${counting(events, 'event')}${records.lines > 0 ? ` from ${counting(records.lines, 'line')}` : ''}${left.length > 0 ? ` (${left.join(', ')})` : ''}`,
  ];
  if (first <= last) {
    const seconds = (last - first) / 1000;
    lines.push(`${moment(first)} to ${moment(last)} UTC, ${duration(last - first)}`);
    const mean = seconds >= 1 ? `${rate(events / seconds)} events/s, ` : '';
    lines.push(`${mean}at most ${number(peak.count)} in one second (${moment(peak.at)})`);
  }
  if (versions.size > 0) lines.push(fit(`broker version ${[...versions].join(', ')}`, COLUMNS));
  return lines;
}

function actions({ actions, events }: Summary, paint: Paint): string[] {
  const rows = [...actions].sort((a, b) => b[1] - a[1]);
  return [
    paint('bold', `${'  What happened'.padEnd(32)}${'events'.padStart(12)}${'share'.padStart(9)}`),
    ...rows.map(([action, count]) => {
      const share = count / events;
      return `  ${cell(action, 30)}${number(count).padStart(12)}${percent(share).padStart(9)}  ${paint('cyan', bar(share))}`;
    }),
  ];
}

function refusals({ refusals }: Summary, paint: Paint): string[] {
  const rows = refusals.top(2 * ROWS);
  if (rows.length === 0) return [];
  return [
    paint('bold', '  Refused'),
    ...rows.map(([key, count]) => {
      const [action = '', reason = ''] = key.split('\t');
      return `  ${cell(action, 30)}${counted(count, refusals).padStart(12)}  ${paint('yellow', fit(reason, 34))}`;
    }),
  ];
}

function list(title: string, counter: TopCounter, paint: Paint): string[] {
  const rows = counter.top(ROWS);
  if (rows.length === 0) return [];
  const more = counter.size - rows.length;
  return [
    paint('bold', cell(`  ${title}`, HALF_COLUMNS)),
    ...rows.map(
      ([name, count]) =>
        `  ${cell(name, NAME_COLUMNS - 2)}${counted(count, counter).padStart(HALF_COLUMNS - NAME_COLUMNS)}`,
    ),
    ...(more > 0 ? [paint('gray', cell(`  and ${number(more)} more`, HALF_COLUMNS))] : []),
  ];
}

/** Two lists next to each other. */
function beside(left: string[], right: string[]): string[] {
  if (left.length === 0 || right.length === 0) return left.length === 0 ? right : left;
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, i) => `${left[i] ?? ' '.repeat(HALF_COLUMNS)}  ${right[i] ?? ''}`);
}

function gaps({ gaps, steps }: Summary, paint: Paint): string[] {
  if (gaps.length === 0 && steps === 0) return [];
  return [
    paint('bold', '  Longest pauses'),
    ...gaps.map(({ from, to }) => `  ${duration(to - from).padEnd(14)}from ${moment(from)} to ${moment(to)}`),
    ...(steps > 0 ? [paint('yellow', `  the time went back ${counting(steps, 'time')}`)] : []),
  ];
}

function doubts({ ambiguous, truncated, records }: Summary, paint: Paint): string[] {
  const rows: [string, number][] = [
    ['ambiguous: could be read in more than one way', ambiguous],
    ['truncated by the broker or the probe', truncated],
    ['unparsed: no log line', records.unparsed],
  ];
  const lines = rows
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `  ${cell(what, 58)}${number(count).padStart(12)}`);
  return lines.length === 0 ? [] : [paint('bold', '  To look at'), ...lines];
}

function plain({ unknown }: Summary, paint: Paint): string[] {
  const codes = [...unknown].sort((a, b) => b[1].count - a[1].count).slice(0, ROWS);
  const lines = codes.flatMap(([code, { count, example }]) => [
    `  ${cell(code, 30)}${number(count).padStart(12)}`,
    paint('gray', `    ${fit(example, COLUMNS - 4)}`),
  ]);
  return lines.length === 0
    ? []
    : [paint('bold', '  Lines without a structure, and the first of each'), ...lines];
}

function counted(count: number, { missed }: TopCounter): string {
  return `${missed > 0 ? '≥ ' : ''}${number(count)}`;
}

function bar(share: number): string {
  const eighths = Math.max(1, Math.round(share * BAR_COLUMNS * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** As `amount`, with commas. */
function counting(count: number, one: string): string {
  return `${number(count)} ${count === 1 ? one : `${one}s`}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return share > 0 && share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`;
}

function rate(perSecond: number): string {
  return perSecond >= 100 ? number(Math.round(perSecond)) : String(Number(perSecond.toPrecision(2)));
}

function moment(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
