import type { Event } from './matches.ts';

/** The moment at which the rules are asked; no golden file has events in the weeks before it. */
export const NOW = Date.parse('2026-05-29T12:00:00Z');
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A log of Mosquitto 2.0 in which something happened for every rule, and what does not count beside it. */
export function plantedLog(): string {
  const lines: (readonly [ago: number, text: string])[] = [];
  const say = (ago: number, ...texts: readonly string[]): void => {
    for (const text of texts) lines.push([ago, text]);
  };
  let port = 20_000;
  const connect = (ago: number, id: string, ip: string, user?: string): void => {
    const from = `${ip}:${++port}`;
    say(
      ago,
      `New connection from ${from} on port ${user === undefined ? 1883 : 8883}.`,
      `New client connected from ${from} as ${id} (p2, c1, k60${user === undefined ? '' : `, u'${user}'`}).`,
    );
  };
  const publish = (ago: number, id: string, topic: string, bytes: number, retained = 0): void =>
    say(ago, `Received PUBLISH from ${id} (d0, q0, r${retained}, m0, '${topic}', ... (${bytes} bytes))`);
  const times = (count: number, from: number, to: number, what: (ago: number, i: number) => void): void => {
    for (let i = 0; i < count; i++) what(from - Math.floor(((from - to) * i) / count), i);
  };

  say(8 * DAY, 'mosquitto version 2.0.18 starting', 'mosquitto version 2.0.18 running');
  say(2 * MINUTE, 'mosquitto version 2.0.18 starting', 'mosquitto version 2.0.18 running');

  times(25, 4 * MINUTE, MINUTE, (ago) => {
    say(
      ago,
      `New connection from 203.0.113.9:${++port} on port 8883.`,
      'Client <unknown> disconnected, not authorised.',
    );
  });
  times(5, 4 * MINUTE, MINUTE, (ago) => {
    say(
      ago,
      `New connection from 203.0.113.10:${++port} on port 8883.`,
      'Client <unknown> disconnected, not authorised.',
    );
  });

  times(7, 9 * MINUTE, MINUTE, (ago, i) => {
    if (i > 0) say(ago, 'Client pump-7 already connected, closing old connection.');
    connect(ago, 'pump-7', i % 2 === 0 ? '192.0.2.7' : '192.0.2.8', 'pumps');
  });

  times(25, 4 * MINUTE, MINUTE, (ago, i) =>
    say(ago, `Denied PUBLISH from meter-3 (d0, q0, r0, m0, 'plant/secret/${i}', ... (5 bytes))`),
  );

  for (const [ago, id] of [
    [5 * DAY, 'grafana'],
    [30 * MINUTE, 'grafana'],
    [20 * MINUTE, 'stranger'],
  ] as const)
    say(ago, `Received SUBSCRIBE from ${id}`, '\t# (QoS 0)', `${id} 0 #`, `Sending SUBACK to ${id}`);

  connect(3 * MINUTE, 'nameless', '192.0.2.44');

  publish(5 * DAY, 'gateway', 'plant/limits', 20, 1);
  publish(30 * MINUTE, 'gateway', 'plant/limits', 20, 1);
  publish(20 * MINUTE, 'intruder', 'plant/limits', 20, 1);
  publish(10 * MINUTE, 'gateway', 'plant/new-topic', 20, 1);
  publish(5 * DAY, 'control-room', 'plant/valve/set', 4);
  publish(15 * MINUTE, 'intruder', 'plant/valve/set', 4);

  times(120, 4 * MINUTE, MINUTE, (ago) => say(ago, 'Outgoing messages are being dropped for client slow-1.'));

  publish(3 * HOUR, 'asleep', 'plant/asleep/state', 3);
  times(960, DAY - HOUR, 20 * MINUTE, (ago) => publish(ago, 'counter', 'loop/counter/value', 3));
  times(600, 14 * MINUTE, MINUTE, (ago) => publish(ago, 'counter', 'loop/counter/value', 3));
  times(100, DAY - HOUR, 20 * MINUTE, (ago) => publish(ago, 'camera', 'yard/camera/image', 900));
  times(10, 14 * MINUTE, MINUTE, (ago) => publish(ago, 'camera', 'yard/camera/image', 90_000));

  connect(5 * DAY, 'office-1', '198.51.100.4', 'office');
  connect(10 * MINUTE, 'office-2', '198.51.100.4', 'office');
  times(60, 14 * MINUTE, 5 * MINUTE, (ago, i) => connect(ago, `herd-${i}`, '198.51.100.77', 'herd'));

  say(5 * DAY, 'Client office-1 disconnected.');
  say(10 * MINUTE, 'Client office-2 has exceeded timeout, disconnecting.');

  times(60, 50 * MINUTE, 40 * MINUTE, (ago, i) =>
    say(
      ago,
      'Received SUBSCRIBE from scanner',
      `\tplant/area-${i}/+ (QoS 0)`,
      `scanner 0 plant/area-${i}/+`,
      'Sending SUBACK to scanner',
    ),
  );

  const second = NOW / 1000;
  return lines
    .map(([ago, text], i) => ({ at: second - ago, i, text }))
    .sort((a, b) => a.at - b.at || a.i - b.i)
    .map(({ at, text }) => `${at}: ${text}\n`)
    .join('');
}

/** What three probes say: one is well, one is silent, one is in trouble and late. */
export function plantedProbeEvents(): Event[] {
  const events: Event[] = [];
  const say = (
    ago: number,
    probe: string,
    action: string,
    fields: Record<string, unknown>,
    createdAgo = ago,
  ): void => {
    const { event, ...rest } = fields;
    const sequence = events.length + 1;
    events.push({
      '@timestamp': new Date(NOW - ago * 1000).toISOString(),
      message: action,
      event: {
        id: `f${String(sequence).padStart(39, '0')}`,
        kind: action.startsWith('probe') ? 'state' : 'event',
        category: ['process'],
        type: ['info'],
        action,
        outcome: 'success',
        module: 'mqtt',
        dataset: 'mqtt.probe',
        provider: 'probe',
        code: `probe.${action.replace(/^probe-/, '').replace('-', '_')}`,
        // The server stores the event now: what was created long ago is late.
        created: new Date(Date.now() - (createdAgo - ago) * 1000).toISOString(),
        sequence,
        ...(event as object),
      },
      data_stream: { type: 'logs', dataset: 'mqtt.probe', namespace: 'default' },
      agent: { type: 'brokertap', id: probe, name: probe, version: '0.1.0' },
      host: { name: probe },
      service: { type: 'brokertap', name: 'plant-a' },
      ...rest,
    });
  };
  const beat = (state: string) => ({
    mqtt: {
      probe: { state, uptime: 3600, process: { resident_memory: 80_000_000, cpu_milliseconds: 5000 } },
    },
  });
  for (let minute = 60; minute > 0; minute--)
    say(minute * MINUTE, 'probe-well', 'probe-heartbeat', {
      ...beat('running'),
      tls: { server: { not_after: new Date(Date.now() + 90 * DAY * 1000).toISOString() } },
    });
  for (let minute = 60; minute > 30; minute--)
    say(minute * MINUTE, 'probe-silent', 'probe-heartbeat', beat('running'));
  for (let minute = 8; minute > 0; minute--)
    say(
      minute * MINUTE,
      'probe-troubled',
      'probe-heartbeat',
      {
        ...beat('degraded'),
        tls: { server: { not_after: new Date(Date.now() + 10 * DAY * 1000).toISOString() } },
      },
      minute * MINUTE + HOUR,
    );
  say(6 * MINUTE, 'probe-well', 'input-gap', {
    event: { reason: 'file_gone', outcome: 'failure' },
    mqtt: { drop: { count: 12 }, probe: { input: { name: 'log' } } },
  });
  say(6 * MINUTE, 'probe-well', 'event-rejected', {
    event: { reason: 'mapper_parsing_exception', outcome: 'failure', kind: 'pipeline_error' },
    mqtt: { probe: { output: { name: 'search' } } },
  });
  return events;
}
