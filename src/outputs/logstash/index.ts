import type { Output } from '../../core/output.ts';
import { configuredSecret, configuredToken } from '../../net/configured-file.ts';
import { placeOf } from '../../net/host.ts';
import type { HostsOptions } from '../../net/hosts.ts';
import type { LogstashConfig } from './config.ts';
import { HttpConnection } from './http/connection.ts';
import { LumberjackConnection } from './lumberjack/connection.ts';
import { Pace } from './lumberjack/pace.ts';
import { Suspects } from './lumberjack/suspects.ts';
import { type LogstashConnection, LogstashOutput } from './output.ts';
import { Acknowledged } from './shipment.ts';
import { TcpConnection } from './tcp/connection.ts';

const CONFIRM_AFTER_MS = 5000;
const WINDOW = { events: 16_384, bytes: 8 * 1024 * 1024 };
/** Logstash says every 5 s that it is still at work. */
const ACK_TIMEOUT_MS = 30_000;
/** A pipeline that takes nothing for so long is told of. */
const PATIENCE_MS = 60_000;
/** Shorter than the heartbeat of the probe, after which there is something else to send. */
const QUIET_MS = 5000;
/** The http input says nothing while its queue is full: a shorter time would only make duplicates. */
const ANSWER_TIMEOUT_MS = 120_000;

/** Times that tests make shorter. */
export type Times = Pick<HostsOptions<LogstashConnection>, 'returnAfterMs' | 'reconnectMinMs'> & {
  readonly ackTimeoutMs?: number;
  readonly answerTimeoutMs?: number;
  readonly quietMs?: number;
  readonly patienceMs?: number;
};

/**
 * Logstash, in one of three protocols. The way of a batch:
 *
 * 1. `output.ts`: to the connection with the best host that answers.
 * 2. `tcp/` writes it, and counts it as delivered when the connection has stayed up (`confirmation.ts`).
 * 3. `lumberjack/` and `http/` send it in parts that are acknowledged (`shipment.ts`), as many at a time as `in-flight.ts` allows.
 *    `lumberjack/` also finds the event that a server does not survive (`suspects.ts`, `trials.ts`).
 */
export function create(config: LogstashConfig, times: Times = {}): Output {
  const { hosts, tls } = config;
  return new LogstashOutput({ hosts, tls, converse: conversation(config, times), ...times });
}

/** What one protocol begins on a connected socket. */
function conversation(config: LogstashConfig, times: Times): HostsOptions<LogstashConnection>['converse'] {
  const { protocol, window: { events = WINDOW.events, bytes = WINDOW.bytes } = {}, compression = 0 } = config;
  const acknowledged = new Acknowledged();
  const common = { window: { events, bytes }, compression, acknowledged };
  if (protocol === 'lumberjack') {
    const ackTimeoutMs = times.ackTimeoutMs ?? ACK_TIMEOUT_MS;
    const quietMs = times.quietMs ?? QUIET_MS;
    const patienceMs = times.patienceMs ?? PATIENCE_MS;
    const options = {
      ...common,
      ackTimeoutMs,
      quietMs,
      patienceMs,
      pace: new Pace(),
      suspects: new Suspects(),
    };
    return (socket, host) => new LumberjackConnection(socket, placeOf(host), options);
  }
  if (protocol === 'http') {
    const answerTimeoutMs = times.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    const options = { ...common, answerTimeoutMs, most: { bytes } };
    // Secrets are read again for each connection.
    return (socket, host, another) =>
      new HttpConnection(socket, another, placeOf(host), {
        ...options,
        authorization: authorization(config),
      });
  }
  const confirmAfterMs = config.confirm_after ?? CONFIRM_AFTER_MS;
  return (socket, host) => new TcpConnection(socket, placeOf(host), confirmAfterMs);
}

/** @throws BlockedError when the file cannot be read */
function authorization(config: LogstashConfig): string | undefined {
  const { user, password_file: passwordFile, token_file: tokenFile } = config;
  if (tokenFile !== undefined) return `Bearer ${configuredToken('token_file', tokenFile)}`;
  if (user === undefined || passwordFile === undefined) return undefined;
  return `Basic ${Buffer.from(`${user}:${configuredSecret('password_file', passwordFile)}`).toString('base64')}`;
}
