import { appendFileSync } from 'node:fs';
/**
 * Writes what the embedded broker does as Mosquitto 2.0 would with `log_type all`, so that the demo's log and its mirrored
 * traffic tell of the same things.
 */
export class BrokerLog {
    file;
    port;
    peers = new WeakMap();
    connected = new Set();
    /** @param port of the listener */
    constructor(file, port) {
        this.file = file;
        this.port = port;
        this.write('mosquitto version 2.0.18 starting');
        this.write(`Opening ipv4 listen socket on port ${port}.`);
        this.write('mosquitto version 2.0.18 running');
    }
    opened(client, peer) {
        this.peers.set(client, peer);
        this.write(`New connection from ${peer.address}:${peer.port} on port ${this.port}.`);
    }
    refused(client, id) {
        this.write(`Sending CONNACK to ${id} (0, 5)`);
        this.write(`Client ${id} disconnected, not authorised.`);
        this.connected.delete(client);
    }
    /** Mosquitto says nothing more of the old connection. */
    takenOver(id, before) {
        this.connected.delete(before);
        this.write(`Client ${id} already connected, closing old connection.`);
    }
    ready(client, connect) {
        const peer = this.peers.get(client);
        const user = connect.user === undefined ? '' : `, u'${connect.user}'`;
        const facts = `(${connect.protocol}, c${Number(connect.clean)}, k${connect.keepAlive}${user})`;
        this.connected.add(client);
        this.write(`New client connected from ${peer?.address}:${peer?.port} as ${client.id} ${facts}.`);
        this.write('No will message specified.');
        this.write(`Sending CONNACK to ${client.id} (0, 0)`);
    }
    published(id, packet, denied) {
        this.write(`${denied ? 'Denied' : 'Received'} PUBLISH from ${id} ${flags(packet)}`);
        if (packet.qos === 1)
            this.write(`Sending PUBACK to ${id} (m${packet.messageId ?? 0}, rc${denied ? 135 : 0})`);
    }
    delivered(id, packet) {
        this.write(`Sending PUBLISH to ${id} ${flags(packet)}`);
    }
    subscribed(id, subscriptions) {
        this.write(`Received SUBSCRIBE from ${id}`);
        for (const { topic, qos } of subscriptions) {
            this.write(`\t${topic} (QoS ${qos & 3})`);
            if (qos < 128)
                this.write(`${id} ${qos} ${topic}`);
        }
        this.write(`Sending SUBACK to ${id}`);
    }
    pinged(id) {
        this.write(`Received PINGREQ from ${id}`);
        this.write(`Sending PINGRESP to ${id}`);
    }
    /** @param how the words behind the client id */
    ended(client, how) {
        if (!this.connected.delete(client))
            return;
        this.write(`Client ${client.id}${how}`);
    }
    stopped() {
        this.write('mosquitto version 2.0.18 terminating');
    }
    write(text) {
        appendFileSync(this.file, `${Math.floor(Date.now() / 1000)}: ${text}\n`);
    }
}
function flags(packet) {
    const { topic, qos, retain, payload, messageId } = packet;
    const id = qos === 0 ? 0 : (messageId ?? 0);
    return `(d0, q${qos}, r${Number(retain)}, m${id}, '${topic}', ... (${Buffer.byteLength(payload)} bytes))`;
}
