import { appendFileSync } from 'node:fs';
import type { Client } from 'aedes';

/** What a connected client of the demo broker is known by in the log. */
interface Peer {
  readonly address: string;
  readonly port: number;
}

/** What the log says of a message. */
interface Publish {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payload: string | Buffer;
  readonly messageId?: number | undefined;
}

/**
 * Writes what the embedded broker does as Mosquitto 2.0 would with `log_type all`, so that the demo's log and its mirrored
 * traffic tell of the same things.
 */
export class BrokerLog {
  private readonly file: string;
  private readonly port: number;
  private readonly peers = new WeakMap<Client, Peer>();
  private readonly connected = new Set<Client>();

  /** @param port of the listener */
  constructor(file: string, port: number) {
    this.file = file;
    this.port = port;
    this.write('mosquitto version 2.0.18 starting');
    this.write(`Opening ipv4 listen socket on port ${port}.`);
    this.write('mosquitto version 2.0.18 running');
  }

  opened(client: Client, peer: Peer): void {
    this.peers.set(client, peer);
    this.write(`New connection from ${peer.address}:${peer.port} on port ${this.port}.`);
  }

  refused(client: Client, id: string): void {
    this.write(`Sending CONNACK to ${id} (0, 5)`);
    this.write(`Client ${id} disconnected, not authorised.`);
    this.connected.delete(client);
  }

  /** Mosquitto says nothing more of the old connection. */
  takenOver(id: string, before: Client): void {
    this.connected.delete(before);
    this.write(`Client ${id} already connected, closing old connection.`);
  }

  ready(
    client: Client,
    connect: { protocol: string; clean: boolean; keepAlive: number; user: string | undefined },
  ): void {
    const peer = this.peers.get(client);
    const user = connect.user === undefined ? '' : `, u'${connect.user}'`;
    const facts = `(${connect.protocol}, c${Number(connect.clean)}, k${connect.keepAlive}${user})`;
    this.connected.add(client);
    this.write(`New client connected from ${peer?.address}:${peer?.port} as ${client.id} ${facts}.`);
    this.write('No will message specified.');
    this.write(`Sending CONNACK to ${client.id} (0, 0)`);
  }

  published(id: string, packet: Publish, denied: boolean): void {
    this.write(`${denied ? 'Denied' : 'Received'} PUBLISH from ${id} ${flags(packet)}`);
    if (packet.qos === 1)
      this.write(`Sending PUBACK to ${id} (m${packet.messageId ?? 0}, rc${denied ? 135 : 0})`);
  }

  delivered(id: string, packet: Publish): void {
    this.write(`Sending PUBLISH to ${id} ${flags(packet)}`);
  }

  subscribed(id: string, subscriptions: readonly { topic: string; qos: number }[]): void {
    this.write(`Received SUBSCRIBE from ${id}`);
    for (const { topic, qos } of subscriptions) {
      this.write(`\t${topic} (QoS ${qos & 3})`);
      if (qos < 128) this.write(`${id} ${qos} ${topic}`);
    }
    this.write(`Sending SUBACK to ${id}`);
  }

  pinged(id: string): void {
    this.write(`Received PINGREQ from ${id}`);
    this.write(`Sending PINGRESP to ${id}`);
  }

  /** @param how the words behind the client id */
  ended(client: Client, how: string): void {
    if (!this.connected.delete(client)) return;
    this.write(`Client ${client.id}${how}`);
  }

  stopped(): void {
    this.write('mosquitto version 2.0.18 terminating');
  }

  private write(text: string): void {
    appendFileSync(this.file, `${Math.floor(Date.now() / 1000)}: ${text}\n`);
  }
}

function flags(packet: Publish): string {
  const { topic, qos, retain, payload, messageId } = packet;
  const id = qos === 0 ? 0 : (messageId ?? 0);
  return `(d0, q${qos}, r${Number(retain)}, m${id}, '${topic}', ... (${Buffer.byteLength(payload)} bytes))`;
}
