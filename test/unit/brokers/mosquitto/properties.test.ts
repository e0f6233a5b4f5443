import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';
import type { Session } from '../../../../src/core/dialect.ts';
import { hostileName, hostileTopic } from '../../../support/hostile-names.ts';
import { collect, compare, type Read, SEEN, STREAM } from '../../../support/mosquitto-compare.ts';
import { type Actor, type Generation, LogWriter } from '../../../support/mosquitto-writer.ts';

const GOLDEN = new URL('../../../golden/mosquitto/', import.meta.url);

const actors = fc
  .array(fc.record({ id: hostileName, user: fc.option(hostileName, { nil: undefined }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((list) =>
    [...new Map(list.map((actor) => [actor.id, actor])).values()].map(
      (actor, i): Actor => ({ ...actor, ip: `10.0.0.${i + 1}`, port: 40_000 + i }),
    ),
  );
const steps = fc.array(
  fc.record({ what: fc.integer({ min: 0, max: 9 }), who: fc.nat(3), text: hostileTopic, how: fc.nat(4) }),
  { maxLength: 14 },
);

function play(
  writer: LogWriter,
  who: readonly Actor[],
  script: readonly { what: number; who: number; text: string; how: number }[],
): void {
  const connected = new Set<Actor>();
  const come = (actor: Actor): void => {
    writer.connect(actor);
    connected.add(actor);
  };
  for (const actor of who) come(actor);
  for (const step of script) {
    const actor = who[step.who % who.length];
    if (actor === undefined) continue;
    if (!connected.has(actor)) {
      if (step.what === 8) writer.refuse(actor);
      else come(actor);
      continue;
    }
    if (step.what === 0) writer.publish(actor, step.text);
    else if (step.what === 1) writer.deliver(actor, step.text);
    else if (step.what === 2) writer.subscribe(actor, step.text);
    else if (step.what === 3) writer.unsubscribe(actor, step.text);
    else if (step.what === 4) writer.protocolError(actor);
    else if (step.what === 9) writer.refuse(actor);
    else if (step.what < 8) {
      writer.disconnect(actor, step.how);
      connected.delete(actor);
    }
  }
}

describe('Mosquitto: what is written is what is read', () => {
  for (const generation of ['1.6', '2.0', '2.1'] as const satisfies Generation[]) {
    it(`${generation} with all log types: any name comes back as it was or the event says that it is ambiguous`, () => {
      fc.assert(
        fc.property(actors, steps, (who, script) => {
          const writer = new LogWriter(generation, true);
          play(writer, who, script);
          compare(writer.written);
        }),
        { numRuns: 600 },
      );
    });

    for (const [name, stamp] of [
      ['without stamps', ''],
      ['with the tag of syslog(3)', 'mosquitto[1]: '],
    ] as const)
      it(`${generation} ${name}`, () => {
        fc.assert(
          fc.property(actors, steps, (who, script) => {
            const writer = new LogWriter(generation, true, stamp);
            play(writer, who, script);
            compare(writer.written);
          }),
          { numRuns: 300 },
        );
      });
  }
});

describe('Mosquitto: logs without debug lines', () => {
  for (const generation of ['1.6', '2.0', '2.1'] as const) {
    it(`${generation}, default log types`, () => {
      fc.assert(
        fc.property(actors, steps, (who, script) => {
          const writer = new LogWriter(generation, false, '1700000000: ', false);
          play(writer, who, script);
          compare(writer.written);
        }),
        { numRuns: 400 },
      );
    });

    it(`${generation} with lines about subscriptions, which can be any text: nothing forged is believed`, () => {
      fc.assert(
        fc.property(actors, steps, (who, script) => {
          const writer = new LogWriter(generation, false);
          const honest: Actor = { id: 'honest', user: undefined, ip: '10.0.1.1', port: 50_000 };
          writer.connect(honest);
          writer.subscribe(honest, 'a/#');
          // A filter that begins with a QoS reads as a subscription to the rest of it: that cannot be known.
          play(
            writer,
            who,
            script.map((step) => ({ ...step, text: step.text.replace(/^[0-2] /, 'x') })),
          );
          compare(writer.written, true);
        }),
        { numRuns: 400 },
      );
    });
  }
});

describe('Mosquitto: how much is ambiguous', () => {
  it('at most one line in twenty of hostile clients that are connected', () => {
    let lines = 0;
    let ambiguous = 0;
    for (const [who, script] of fc.sample(fc.tuple(actors, steps), { numRuns: 400, seed: 1 })) {
      const writer = new LogWriter('2.0', true);
      play(writer, who, script);
      lines += writer.written.length;
      ambiguous += compare(writer.written);
    }
    assert.ok(ambiguous <= lines / 20, `${ambiguous} of ${lines}`);
  });
});

describe('Mosquitto: a session goes on where it was saved', () => {
  for (const file of readdirSync(GOLDEN).filter((name) => name.endsWith('.log'))) {
    const lines = readFileSync(new URL(file, GOLDEN), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    it(`${file}: at any lines`, () => {
      const whole: Read[] = [];
      const session = dialect.open(STREAM, collect(whole));
      for (const line of lines) session.line(line, SEEN, 0);
      fc.assert(
        fc.property(fc.uniqueArray(fc.nat(lines.length - 1), { minLength: 1, maxLength: 6 }), (cuts) => {
          const events: Read[] = [];
          let session: Session = dialect.open(STREAM, collect(events));
          for (const [i, line] of lines.entries()) {
            if (cuts.includes(i))
              session = dialect.open(STREAM, collect(events), JSON.parse(JSON.stringify(session.state())));
            session.line(line, SEEN, 0);
          }
          assert.deepEqual(events, whole);
        }),
        { numRuns: lines.length > 1000 ? 4 : 12 },
      );
    });
  }
});
