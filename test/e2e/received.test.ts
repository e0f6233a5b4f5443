import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { survey } from '../../src/state/spool/recovery/survey.ts';
import { disk } from '../../src/state/spool/segments/disk.ts';
import { ProbeProcess } from '../support/cli.ts';
import { freePort } from '../support/mosquitto.ts';
import { type ReceivedEvent, Receiver } from '../support/receiver.ts';
import { hicapPublish, Sender } from '../support/sender.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { WebHook } from '../support/web-hook.ts';

/** Kills of the probe; more with BROKERTAP_KILLS. */
const KILLS = Number(process.env.BROKERTAP_KILLS ?? 6);
/** Connections that send web hooks at a time. */
const CONNECTIONS = 4;
const ARRAY = 25;

/** Arrivals at receivers that come and go on one port. */
class Sink {
  readonly port: number;
  private receiver: Receiver;
  private readonly past: Receiver[] = [];

  private constructor(receiver: Receiver) {
    this.receiver = receiver;
    this.port = receiver.port;
  }

  static async start(): Promise<Sink> {
    return new Sink(await Receiver.start());
  }

  async goAndCome(awayMs: number): Promise<void> {
    await this.receiver.stop();
    this.past.push(this.receiver);
    await delay(awayMs);
    this.receiver = await Receiver.start(this.port);
  }

  stop(): Promise<void> {
    return this.receiver.stop();
  }

  /** Event ids by what names a record. */
  ids(nameOf: (event: ReceivedEvent) => string | undefined): Map<string, Set<string>> {
    const all = new Map<string, Set<string>>();
    for (const event of [...this.past, this.receiver].flatMap((receiver) => receiver.events)) {
      const name = nameOf(event);
      if (name === undefined) continue;
      const ids = all.get(name) ?? new Set();
      all.set(name, ids.add(event.event.id));
    }
    return all;
  }
}

function configuration(input: string, sink: Sink): string {
  return `inputs: {in: ${input}}
outputs: {elk: {type: logstash, hosts: "127.0.0.1:${sink.port}", confirm_after: 200ms}}
`;
}

describe('what was received survives stops and kill -9', () => {
  it('web hooks: what was answered with 200 arrives, each event once, though it was sent again', async (t) => {
    const directory = tempDir(t);
    const sink = await Sink.start();
    t.after(() => sink.stop());
    const port = await freePort();
    const probe = new ProbeProcess(
      t,
      directory,
      configuration(`{type: http, listen: "127.0.0.1:${port}"}`, sink),
    );
    probe.start();
    const connected = (n: number): object => ({
      event: 'client.connected',
      clientid: `c${n}`,
      timestamp: Date.now(),
    });
    const hook = new WebHook(port, connected, { connections: CONNECTIONS, events: ARRAY });
    for (let kill = 0; kill < KILLS; kill++) {
      const before = hook.taken.size;
      await until(
        () => hook.taken.size > before + 200,
        () => `${hook.taken.size} were taken; ${probe.stderr}`,
      );
      if (kill % 3 === 1) await sink.goAndCome(Math.random() * 200);
      await delay(Math.random() * 100);
      if (kill % 3 === 2) assert.equal(await probe.stop(), 0);
      else await probe.kill();
      probe.start();
    }
    await hook.stop();
    const arrived = (): Map<string, Set<string>> =>
      sink.ids(({ event, message }) =>
        event.code === 'emqx.client.connected' ? message.slice('client.connected c'.length) : undefined,
      );
    await until(
      () => arrived().size >= hook.taken.size,
      () => `${arrived().size} of ${hook.taken.size}; ${probe.stderr}`,
      60_000,
    );
    assert.equal(await probe.stop(), 0);
    const ids = arrived();
    assert.deepEqual(new Set(ids.keys()), new Set([...hook.taken].map(String)));
    for (const [n, each] of ids) assert.equal(each.size, 1, `${n} became two events`);
    const again = [...hook.taken].filter((n) => (hook.attempts[n] ?? 0) > 1).length;
    t.diagnostic(`${hook.taken.size} events, ${again} were sent again, ${KILLS} kills`);
  });

  it('HICAP: what is in the spool arrives, each record one event', async (t) => {
    const directory = tempDir(t);
    const sink = await Sink.start();
    t.after(() => sink.stop());
    const port = await freePort();
    const probe = new ProbeProcess(
      t,
      directory,
      configuration(`{type: tcp, broker: hicap, listen: "127.0.0.1:${port}"}`, sink),
    );
    const records = async (): Promise<number> => {
      const found = await survey(disk, path.join(directory, 'state', 'spool'), 'in');
      return Number(found?.end.before ?? 0);
    };
    let sent = 0;
    for (let kill = 0; kill <= KILLS; kill++) {
      probe.start();
      let sender: Sender | undefined;
      await until(
        async () => {
          sender ??= await Sender.connect(port).catch(() => undefined);
          return sender !== undefined;
        },
        () => probe.stderr,
      );
      for (let i = 0; i < 500; i++) await sender?.send(hicapPublish(`t/${sent++}`));
      await until(
        async () => (await records()) >= sent,
        () => `${sent} were sent; ${probe.stderr}`,
      );
      if (kill % 3 === 1) await sink.goAndCome(Math.random() * 200);
      if (kill < KILLS && kill % 3 === 2) assert.equal(await probe.stop(), 0);
      else if (kill < KILLS) await probe.kill();
    }
    const arrived = (): Map<string, Set<string>> =>
      sink.ids(({ event, mqtt }) => (event.code === 'hicap.publish' ? String(mqtt?.topic) : undefined));
    await until(
      () => arrived().size >= sent,
      () => `${arrived().size} of ${sent}; ${probe.stderr}`,
      60_000,
    );
    assert.equal(await probe.stop(), 0);
    const ids = arrived();
    assert.deepEqual(new Set(ids.keys()), new Set(Array.from({ length: sent }, (_, n) => `t/${n}`)));
    for (const [topic, each] of ids) assert.equal(each.size, 1, `${topic} became two events`);
  });
});
