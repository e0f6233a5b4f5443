import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { mqttInputSchema } from '../../../../src/inputs/mqtt/config.ts';
import { tryMirror } from '../../../../src/inputs/mqtt/trial.ts';
import { tempDir } from '../../../support/temp.ts';

for (const scheme of ['mqtts', 'wss'])
  it(`mqtt input: a file that is no certificate is what a trial tells (${scheme})`, async (t) => {
    const pem = path.join(tempDir(t), 'none.pem');
    writeFileSync(pem, 'no certificate');
    const settings = mqttInputSchema.parse({
      type: 'mqtt',
      broker: 'mosquitto',
      url: `${scheme}://127.0.0.1:9`,
      topics: ['plant/#'],
      tls: { cert: pem, key: pem },
    });
    const { failure } = await tryMirror(settings, 'trial');
    assert.match(failure ?? '', /^a file of tls is not in PEM form/);
  });
