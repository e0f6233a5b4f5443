import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { detectFraming } from '../../../../src/framing/detect.ts';
import { EMQX_STREAM, entriesOf, type Read, reader } from '../../../support/emqx.ts';

const GOLDEN = new URL('../../../golden/emqx/', import.meta.url);

/** What made each entry of the golden files: `kind` is the broker and the form. */
interface Label {
  readonly file: string;
  readonly line: number;
  readonly lines: number;
  readonly kind: string;
}

const LABELS: readonly Label[] = readFileSync(new URL('index.jsonl', GOLDEN), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));
const FILES = [...new Set(LABELS.map(({ file }) => file))];

const PROVIDERS: Readonly<Record<string, string>> = {
  'emqx.audit': 'emqx-audit',
  'emqx.audit.text': 'emqx-audit',
  'emqx.event': 'emqx-event',
  'emqx4.event': 'emqx-event',
  'emqx4.webhook': 'emqx-event',
  'emqx.sys': 'sys-topics',
  'emqx4.sys': 'sys-topics',
};

/** Events of a golden file by entry; numbers of an interval that is not over have none. */
function readFile(file: string): { line: number; lines: number; events: Read[] }[] {
  const { events, session } = reader();
  return entriesOf(readFileSync(new URL(file, GOLDEN))).map(({ text, line, lines }) => {
    const before = events.length;
    const isCaptured = file.includes('sys.') || file.includes('-sys');
    if (!isCaptured) session.line(text, EMQX_STREAM.seen, 0);
    else {
      const { topic, payload } = JSON.parse(text);
      const message = {
        topic,
        payload: Buffer.from(payload),
        qos: 0,
        retain: false,
        dup: false,
        seen: EMQX_STREAM.seen,
      };
      if (dialect.owns?.(topic) === true) session.message(message);
    }
    return { line, lines, events: events.slice(before) };
  });
}

describe('EMQX: golden files', () => {
  for (const file of FILES) {
    const labels = LABELS.filter((label) => label.file === file);

    it(`${file}: every event as it was looked over`, () => {
      const golden = new URL(
        `${file.replace(/\.(log|jsonl)$/, '')}-${file.endsWith('.log') ? 'log' : 'jsonl'}.events`,
        GOLDEN,
      );
      const text = readFile(file)
        .flatMap(({ events }) => events)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join('');
      if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, text);
      const want = readFileSync(golden, 'utf8').split('\n');
      for (const [i, line] of text.split('\n').entries()) assert.equal(line, want[i], `event ${i}`);
    });

    it(`${file}: nothing stands around its lines`, () => {
      assert.equal(detectFraming(readFileSync(new URL(file, GOLDEN))), 'lines');
    });

    it(`${file}: one event for each entry, of the kind that it is`, () => {
      const entries = readFile(file);
      assert.deepEqual(
        entries.map(({ line, lines }) => [line, lines]),
        labels.map(({ line, lines }) => [line, lines]),
      );
      for (const [i, { events }] of entries.entries()) {
        const { kind = '', line } = labels[i] ?? {};
        const place = `${file}:${line} ${kind}`;
        const [event] = events;
        if (events.length === 0) {
          // The documents of whole intervals have golden files of their own.
          assert.ok(kind.endsWith('.sys'), place);
          continue;
        }
        assert.equal(events.length, 1, place);
        assert.equal(event?.provider, PROVIDERS[kind] ?? 'emqx-log', place);
        assert.equal(event?.code === 'emqx.crash', kind.endsWith('.crash') || isReport(event), place);
        assert.match(event?.code ?? '', /^[a-z0-9_.]{1,64}$/);
      }
    });
  }

  it('the text and the JSON of the same records give the same actions and fields', () => {
    for (const version of ['58', '62']) {
      const text = readFile(`emqx${version}-text.log`).flatMap(({ events }) => events);
      const json = readFile(`emqx${version}-json.jsonl`).flatMap(({ events }) => events);
      assert.equal(text.length, json.length);
      for (const [i, fromJson] of json.entries()) {
        const fromText = text[i];
        assert.equal(fromText?.action, fromJson.action, fromJson.message);
        assert.equal(fromText?.time, fromJson.time);
        if (fromText?.marks?.includes('ambiguous') === true) continue;
        for (const [field, value] of Object.entries(fromText?.values ?? {})) {
          if (field === 'mqtt.log.fields' || field === 'error.message') continue;
          assert.deepEqual(value, fromJson.values[field], `${fromJson.message} ${field}`);
        }
      }
    }
  });
});

/** Reports of OTP that the labels count among the free lines. */
function isReport(event: Read | undefined): boolean {
  return /^(Generic server|supervisor:|crasher:|\*\* Generic|=SUPERVISOR)/.test(event?.message ?? '');
}
