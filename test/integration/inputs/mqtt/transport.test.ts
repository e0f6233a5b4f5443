import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeCertificates, OPENSSL } from '../../../support/certificates.ts';
import { startProbe } from '../../../support/in-process.ts';
import { client, freePort, MOSQUITTO, Mosquitto } from '../../../support/mosquitto.ts';
import { needs } from '../../../support/programs.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const publish = (port: number, topic: string, ...more: string[]): Promise<string> =>
  client('mosquitto_pub', ['-p', `${port}`, '-q', '1', '-t', topic, '-m', 'x', ...more]);

describe('mqtt input: ways to a real Mosquitto', needs(...MOSQUITTO, ...OPENSSL), () => {
  for (const scheme of ['mqtts', 'ws', 'wss']) {
    for (const protocol of ['5', '3.1.1']) {
      it(`${scheme}, protocol ${protocol}`, async (t) => {
        const directory = tempDir(t);
        const pem = makeCertificates(directory);
        const port = await freePort();
        const secure = scheme !== 'ws';
        const broker = await Mosquitto.start(
          t,
          directory,
          [
            `listener ${port} 127.0.0.1`,
            ...(scheme === 'mqtts' ? [] : ['protocol websockets']),
            ...(secure ? [`cafile ${pem.ca}`, `certfile ${pem.cert}`, `keyfile ${pem.key}`] : []),
            ...(scheme === 'mqtts' ? ['require_certificate true', 'use_identity_as_username true'] : []),
          ].join('\n'),
        );
        const tls = secure ? `, tls: {ca: ${pem.ca}, cert: ${pem.clientCert}, key: ${pem.clientKey}}` : '';
        const { capture, probe } = await startProbe(
          t,
          directory,
          `inputs: {mirror: {type: mqtt, url: "${scheme}://localhost:${port}", client_id: probe, topics: 'plant/#', protocol: "${protocol}"${tls}}}`,
        );
        await until(
          () => probe.status().ready,
          () => JSON.stringify(probe.status().problems),
        );
        for (let i = 0; i < 50; i++) await publish(broker.port, `plant/${i}`);
        await until(
          () => capture.actions('message-mirrored').length >= 50,
          () => `${capture.actions('message-mirrored').length}`,
        );
        assert.deepEqual(
          capture.actions('message-mirrored').map((e) => e.mqtt?.topic),
          Array.from({ length: 50 }, (_, i) => `plant/${i}`),
        );
        if (scheme === 'mqtts') assert.match(broker.log(), /as probe \(.*u'the-probe'\)/);
        await until(
          () => broker.log().match(/Received PUBACK from probe/g)?.length === 50,
          () => broker.log().split('\n').slice(-5).join('\n'),
        );
      });
    }
  }

  it('an authority that did not sign the certificate: not ready, and the reason', async (t) => {
    const directory = tempDir(t);
    const other = tempDir(t);
    const pem = makeCertificates(directory);
    const port = await freePort();
    await Mosquitto.start(
      t,
      directory,
      `listener ${port} 127.0.0.1\ncafile ${pem.ca}\ncertfile ${pem.cert}\nkeyfile ${pem.key}`,
    );
    const wrong = makeCertificates(other).ca;
    for (const scheme of ['mqtts', 'wss']) {
      const { probe, stop } = await startProbe(
        t,
        directory,
        `inputs: {mirror: {type: mqtt, url: "${scheme}://localhost:${port}", client_id: probe, topics: '#', tls: {ca: ${wrong}}}}`,
      );
      const problems = (): string => probe.status().problems.join();
      await until(() => /certificate/.test(problems()), problems);
      await stop();
    }
  });

  it('a name that the certificate does not have needs server_name', async (t) => {
    const directory = tempDir(t);
    const pem = makeCertificates(directory);
    const [mqtts, wss] = [await freePort(), await freePort()];
    const secure = `cafile ${pem.ca}\ncertfile ${pem.cert}\nkeyfile ${pem.key}`;
    const config = `listener ${mqtts} 127.0.0.2\n${secure}\nlistener ${wss} 127.0.0.2\nprotocol websockets\n${secure}`;
    await Mosquitto.start(t, directory, config);
    for (const url of [`mqtts://127.0.0.2:${mqtts}`, `wss://127.0.0.2:${wss}`]) {
      for (const [name, ready] of [
        ['', false],
        [', server_name: localhost', true],
      ] as const) {
        const { probe, stop } = await startProbe(
          t,
          tempDir(t),
          `inputs: {mirror: {type: mqtt, url: "${url}", client_id: probe, topics: '#', tls: {ca: ${pem.ca}${name}}}}`,
        );
        const problems = (): string => `${url}${name} ${probe.status().problems.join()}`;
        await until(() => (ready ? probe.status().ready : /for other names/.test(problems())), problems);
        await stop();
      }
    }
  });
});
