import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, type Scenario } from '../chaos/scenario.ts';
import { MOSQUITTO } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';

const KILLS = 5;

/** The short form of `npm run chaos`, which has every combination. */
describe('chaos: killed, rotated, cut', needs(...MOSQUITTO), () => {
  const pairs: readonly Pick<Scenario, 'way' | 'sink'>[] = [
    { way: 'file', sink: 'bulk' },
    { way: 'mqtt', sink: 'lumberjack' },
  ];
  for (const pair of pairs) {
    it(`${pair.way} to ${pair.sink}: exactly the set, and the balance holds`, async (t) => {
      const outcome = await run({ ...pair, kills: KILLS, seed: '1' });
      const { violations, evidence, written, duplicates, bound } = outcome;
      assert.deepEqual(violations, [], `evidence: ${evidence}`);
      t.diagnostic(`${written} written, ${duplicates} duplicates, bound ${bound}`);
    });
  }
});
