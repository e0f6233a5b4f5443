import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { freePort } from './mosquitto.ts';
import type { Cleanup } from './temp.ts';
import { until } from './wait.ts';

/** How to get the real broker, with its MQTT plug-in. */
export const RABBITMQ = ['rabbitmq-server', 'apt-get install rabbitmq-server'] as const;

/** What the packages of Debian link to; the command in /usr/sbin would change to a user of its own. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';
/** It starts an Erlang node first. */
const START_MS = 90_000;

/** A real RabbitMQ with its MQTT plug-in, which speaks 3.1.1. */
export class RabbitMq {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly environment: NodeJS.ProcessEnv;
  private output = '';

  private constructor(port: number, environment: NodeJS.ProcessEnv) {
    this.port = port;
    this.environment = environment;
    // A group of its own: its script starts the node as another process.
    this.child = spawn(PROGRAM, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
  }

  static async start(t: Cleanup, directory: string): Promise<RabbitMq> {
    const port = await freePort();
    writeFileSync(path.join(directory, 'enabled_plugins'), '[rabbitmq_mqtt].');
    writeFileSync(
      path.join(directory, 'rabbitmq.conf'),
      `listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:${port}\nlog.console = true\nlog.file = false\n`,
    );
    const broker = new RabbitMq(port, {
      PATH: process.env.PATH,
      HOME: directory,
      ERL_EPMD_PORT: `${await freePort()}`,
      RABBITMQ_DIST_PORT: `${await freePort()}`,
      RABBITMQ_NODENAME: `mirror-${port}@localhost`,
      RABBITMQ_MNESIA_BASE: path.join(directory, 'mnesia'),
      RABBITMQ_LOG_BASE: directory,
      RABBITMQ_CONFIG_FILE: path.join(directory, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: path.join(directory, 'no-environment'),
      RABBITMQ_ENABLED_PLUGINS_FILE: path.join(directory, 'enabled_plugins'),
    });
    t.after(() => broker.kill());
    await until(
      () => broker.accepts(),
      () => broker.output.slice(-2000),
      START_MS,
    );
    return broker;
  }

  /** What it has written. */
  log(): string {
    return this.output;
  }

  private async kill(): Promise<void> {
    const { child } = this;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
      await once(child, 'exit');
    }
    // The name server of the node stays otherwise; it does not go before it has seen that the node is gone.
    const kill = (): boolean => spawnSync('epmd', ['-kill'], { env: this.environment }).status === 0;
    await until(kill, () => 'epmd does not end');
  }

  private accepts(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }
}
