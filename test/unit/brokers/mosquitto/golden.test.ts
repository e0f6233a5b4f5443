import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';
import type { Session } from '../../../../src/core/dialect.ts';
import { collect, type Read, read, SEEN, STREAM } from '../../../support/mosquitto-reading.ts';

const GOLDEN = new URL('../../../golden/mosquitto/', import.meta.url);

describe('Mosquitto: golden files', () => {
  for (const name of readdirSync(GOLDEN).filter((file) => file.endsWith('.log'))) {
    const lines = readFileSync(new URL(name, GOLDEN), 'utf8')
      .split('\n')
      .filter((line) => line !== '');

    it(`${name}: every event as it was looked over`, () => {
      const golden = new URL(name.replace('.log', '.jsonl'), GOLDEN);
      const events = read(lines);
      const text = `${events.map((event) => JSON.stringify(event)).join('\n')}\n`;
      if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, text);
      const want = readFileSync(golden, 'utf8').split('\n');
      for (const [i, line] of text.split('\n').entries()) assert.equal(line, want[i], `event ${i}`);
      assert.ok(events.length >= lines.length);
    });

    it(`${name}: a session that is saved and opened again gives the same events`, () => {
      const whole = read(lines);
      const step = Math.max(1, Math.floor(lines.length / 40));
      for (let cut = 0; cut < lines.length; cut += step) {
        const events: Read[] = [];
        let session: Session = dialect.open(STREAM, collect(events));
        for (const [i, line] of lines.entries()) {
          if (i === cut)
            session = dialect.open(STREAM, collect(events), JSON.parse(JSON.stringify(session.state())));
          session.line(line, SEEN, 0);
        }
        assert.deepEqual(events, whole, `cut at line ${cut}`);
      }
    });
  }
});
