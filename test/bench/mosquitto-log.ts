import { closeSync, openSync, writeSync } from 'node:fs';

/** What a generated log looks like; the same settings give the same bytes. */
interface LogSettings {
  readonly lines: number;
  readonly clients: number;
  readonly seed: number;
}

/** Writes a lifelike log of a Mosquitto 2.0 with `log_type all`: mostly publishes and their acknowledgements. */
export function writeMosquittoLog(file: string, { lines, clients, seed }: LogSettings): void {
  const out = openSync(file, 'w');
  const random = mulberry32(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const names = Array.from({ length: clients }, (_, i) => nameOf(i, below));
  const users = names.map(() => (below(3) === 0 ? '' : ['fleet', 'gateway', "o'neil"][below(3)]));
  const connected = new Set<number>();
  let text = '';
  let count = 0;
  let second = 1_700_000_000;
  const write = (line: string): void => {
    if (count >= lines) return;
    if (++count % 4000 === 0) second++;
    text += `${second}: ${line}\n`;
    if (text.length > 1 << 20) {
      writeSync(out, text);
      text = '';
    }
  };
  const connect = (i: number): void => {
    const peer = `10.${below(8)}.${below(256)}.${1 + below(254)}:${32_768 + below(28_000)}`;
    const user = users[i] === '' ? '' : `, u'${users[i]}'`;
    write(`New connection from ${peer} on port 1883.`);
    if (below(20) === 0) {
      write(`Sending CONNACK to ${names[i]} (0, 5)`);
      write(`Client ${names[i]} disconnected, not authorised.`);
      return;
    }
    write(`New client connected from ${peer} as ${names[i]} (p${below(2) === 0 ? 2 : 5}, c1, k60${user}).`);
    write('No will message specified.');
    write(`Sending CONNACK to ${names[i]} (0, 0)`);
    write(`Received SUBSCRIBE from ${names[i]}`);
    write(`\tsite/${i % 12}/cmd/# (QoS 1)`);
    write(`${names[i]} 1 site/${i % 12}/cmd/#`);
    write(`Sending SUBACK to ${names[i]}`);
    connected.add(i);
  };
  const publish = (i: number): void => {
    const qos = below(100) < 55 ? 0 : 1;
    const id = qos === 0 ? 0 : 1 + below(65_535);
    const rest = `'site/${i % 12}/area-${i % 30}/${i}/${['temperature', 'humidity', 'power/active', 'door'][below(4)]}', ... (${below(512)} bytes))`;
    write(`Received PUBLISH from ${names[i]} (d0, q${qos}, r0, m${id}, ${rest}`);
    for (let k = below(3); k > 0; k--) {
      const other = below(clients);
      const otherId = qos === 0 ? 0 : 1 + below(65_535);
      write(`Sending PUBLISH to ${names[other]} (d0, q${qos}, r0, m${otherId}, ${rest}`);
      if (qos === 1) write(`Received PUBACK from ${names[other]} (Mid: ${otherId}, RC:0)`);
    }
    if (qos === 1) write(`Sending PUBACK to ${names[i]} (m${id}, rc0)`);
  };
  write('mosquitto version 2.0.18 starting');
  while (count < lines) {
    const i = below(clients);
    const what = below(100);
    if (!connected.has(i)) connect(i);
    else if (what < 80) publish(i);
    else if (what < 96) {
      write(`Received PINGREQ from ${names[i]}`);
      write(`Sending PINGRESP to ${names[i]}`);
    } else {
      connected.delete(i);
      write(
        what < 98
          ? `Client ${names[i]} closed its connection.`
          : `Client ${names[i]} has exceeded timeout, disconnecting.`,
      );
    }
  }
  writeSync(out, text);
  closeSync(out);
}

function nameOf(i: number, below: (n: number) => number): string {
  const kind = below(100);
  if (kind < 70) return `sensor-${String(i).padStart(6, '0')}`;
  if (kind < 90) return `gw/${below(40)}/dev${i}`;
  if (kind < 96) return `line 4 panel ${i}`;
  return kind < 98 ? `gerät-münchen-${i}` : `传感器-${i}`;
}

/** A small generator of equally distributed numbers from 0 to 1 (public domain, Tommy Ettinger). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
