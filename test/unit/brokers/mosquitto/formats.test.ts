import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TABLES } from '../../../../src/brokers/mosquitto/formats/index.ts';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';
import { RULES } from '../../../../src/brokers/mosquitto/lines/index.ts';
import type { Format } from '../../../../src/brokers/mosquitto/matching/format.ts';
import {
  PLACEHOLDERS,
  type PlaceholderName,
} from '../../../../src/brokers/mosquitto/matching/placeholders.ts';
import { type EventKind, Mark } from '../../../../src/core/event.ts';

/** What a broker might fill in. */
const SAMPLES: Readonly<Record<PlaceholderName, string>> = {
  client: 'sensor-1',
  user: 'alice',
  text: 'some/text',
  error: 'Cannot be, said the system',
  method: 'SCRAM-SHA-1',
  filter: 'a/+/#',
  bridge: 'cloud',
  host: 'broker.example.org',
  errno: 'Broken pipe',
  strerror: 'Malformed UTF-8',
  openssl: 'error:0A000086:SSL routines::certificate verify failed',
  word: 'PUBACK',
  cipher: 'TLS_AES_256_GCM_SHA384',
  tls: 'TLSv1.3',
  packet: 'PUBCOMP',
  number: '17',
  hex: '1F',
  id: '4711',
  code: '135',
  qos: '1',
  bytes: '2048',
  port: '1883',
  address: '192.0.2.7',
  peer: '192.0.2.7:40000',
};
const NAMES = new Map(
  Object.entries(PLACEHOLDERS).map(([name, placeholder]) => [placeholder as object, name as PlaceholderName]),
);

function fill({ literals, placeholders }: Format): string {
  return placeholders.reduce(
    (text, placeholder, i) => text + SAMPLES[NAMES.get(placeholder) ?? 'text'] + (literals[i + 1] ?? ''),
    literals[0] ?? '',
  );
}

/** Reads a line of a broker of that version. */
function read(text: string, version: string): { kind: EventKind; marks: number }[] {
  const events: { kind: EventKind; marks: number }[] = [];
  const session = dialect.open({ ownClients: new Set(), topicRoot: 2, timezone: 'UTC' }, (kind, ...rest) =>
    events.push({ kind, marks: rest[3] ?? 0 }),
  );
  session.line(`1700000000: mosquitto version ${version} starting`, 0, 0);
  events.length = 0;
  session.line(`1700000000: ${text}`, 0, 0);
  return events;
}

describe('Mosquitto: formats', () => {
  for (const [table, formats] of Object.entries(TABLES)) {
    it(`${table}: each line gets its own code and level`, () => {
      for (const format of formats) {
        const [since = ''] = format.versions.split('-');
        const events = read(fill(format), since);
        const told = `${format.text} => ${events.map(({ kind }) => `${kind.code} ${kind.level}`)}`;
        assert.deepEqual(
          events.map(({ kind }) => [kind.code, kind.level, kind.action]),
          [[format.kind.code, format.kind.level, format.kind.action]],
          told,
        );
        assert.equal((events[0]?.marks ?? 0) & Mark.ambiguous, 0, told);
      }
    });
  }

  it('codes are short words; one code means one action, and stands for formats that say the same', () => {
    const actions = new Map<string, string>();
    const kinds = [
      ...Object.values(TABLES).flatMap((formats) => formats.map(({ kind }) => kind)),
      ...Object.values(RULES).flatMap((rules) => rules.flatMap((r) => r.describes.flatMap((d) => d.kinds))),
    ];
    for (const { code, action } of kinds) {
      assert.match(code, /^mosquitto\.[a-z0-9_]{1,54}$/);
      if (code === 'mosquitto.dynamic_security' || code.endsWith('messages_dropped')) continue;
      assert.equal(actions.get(code) ?? action, action, code);
      actions.set(code, action);
    }
  });
});
