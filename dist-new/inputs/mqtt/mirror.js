import { crc32 } from 'node:zlib';
import { reasonOf } from '../../core/errors.js';
import { capturePayload, keepsAll } from '../../pipeline/payload.js';
import { Acknowledger } from './acknowledge.js';
import { connectMirror } from './connect.js';
import { propertiesOf } from './properties.js';
import { PulseWatch } from './pulse-watch.js';
import { Redelivery } from './redelivery.js';
import { Subscriptions } from './subscriptions.js';
import { failureWords, isBridgeRefusal, isTakeover } from './words.js';
/** Limits of the pause before the next connection, in milliseconds. */
const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/**
 * A connection that ends sooner counts as a failed attempt: two clients with one id that take over from each other wait
 * longer and longer.
 */
const STABLE_MS = MAX_PAUSE_MS;
const REPEAT_MS = 60_000;
/** Characters of a node's name that the sentence of a gap repeats. */
const NODE_CHARS = 100;
const NO_BYTES = Buffer.alloc(0);
/**
 * Keeps MQTT.js from acknowledging by itself; the next packet is handled at once. One for all: to make an error costs as
 * much as everything else that is done with a message.
 */
const ACKNOWLEDGED_LATER = new Error('acknowledged later');
/**
 * Mirrors the traffic of a broker: subscribes like a bridge, admits each message to the journal, and acknowledges it only
 * then. Never publishes.
 */
export class MqttMirror {
    config;
    clientId;
    host;
    journal;
    redelivery = new Redelivery();
    subscriptions;
    pulse;
    stopping = new AbortController();
    client;
    timer;
    failures = 0;
    connectedAt = 0;
    /** With 3.1.1: the bridge bit is set. Some brokers do not know it. */
    asBridge = true;
    everConnected = false;
    lastError;
    trouble = 'not connected yet';
    lastLogged = { text: '', at: 0, count: 0 };
    /** Messages that found no room since there was some. */
    dropped = 0;
    starved = false;
    constructor(config, clientId, host) {
        this.config = config;
        this.clientId = clientId;
        this.host = host;
        this.journal = host.journal();
        this.subscriptions = new Subscriptions(config);
        this.pulse =
            host.pulse && new PulseWatch(host.pulse, (reason, node, ms) => this.silence(reason, node, ms));
    }
    async start() {
        const kept = Promise.resolve();
        await this.journal.recent((record) => {
            if (record.type !== 'message' || record.message.packetId === undefined)
                return;
            const { packetId, topic, payload, size = payload.length, checksum = crc32(payload) } = record.message;
            this.redelivery.admitted(packetId, topic, size, checksum, kept);
        });
        this.connect();
    }
    async stop() {
        this.stopping.abort();
        this.pulse?.stop();
        clearTimeout(this.timer);
        const { client } = this;
        this.client = undefined;
        if (client === undefined)
            return;
        await new Promise((resolve) => {
            client.end(false, {}, () => resolve());
            setTimeout(() => {
                client.stream.destroy();
                resolve();
            }, 1000).unref();
        });
    }
    problems() {
        return this.trouble === '' ? this.subscriptions.refused : [this.trouble];
    }
    connect() {
        if (this.stopping.signal.aborted)
            return;
        let connection;
        try {
            connection = connectMirror(this.config, this.clientId, false, this.asBridge);
        }
        catch (error) {
            this.disconnected(undefined, error);
            return;
        }
        const { client, cutBytes } = connection;
        this.client = client;
        const acknowledger = new Acknowledger(client.stream);
        client.handleMessage = (packet, done) => {
            const cut = cutBytes(packet.length ?? 0);
            const result = this.take(packet, cut, acknowledger) ? undefined : ACKNOWLEDGED_LATER;
            const relief = this.journal.relief();
            if (relief === undefined)
                done(result);
            else
                void relief.then(() => done(result));
        };
        client.on('connect', (connack) => this.connected(client, connack));
        client.on('error', (error) => {
            this.lastError = error;
        });
        client.on('disconnect', (packet) => {
            this.lastError = Object.assign(new Error(`disconnected by the broker`), {
                code: packet.reasonCode ?? 0,
            });
        });
        client.once('close', () => this.disconnected(client, this.lastError));
    }
    connected(client, connack) {
        const { sessionPresent } = connack;
        this.connectedAt = Date.now();
        if (!this.asBridge)
            this.host.log.warn({ input: this.host.name }, 'this broker takes no bridges: messages come without their retain flag ("protocol: 5" keeps it where the broker speaks it)');
        this.host.log.info({ input: this.host.name, session: sessionPresent }, 'connected to the broker');
        const before = this.everConnected ? this.subscriptions.filters : this.recall();
        if (!sessionPresent) {
            if (before !== undefined)
                this.gap('session_lost', 'the broker has lost our session: messages sent meanwhile are missing');
            this.redelivery.forget();
        }
        else if (this.everConnected) {
            this.gap('connection_lost', 'the connection was lost: messages of QoS 0 sent meanwhile are missing');
        }
        this.subscriptions.assume(sessionPresent ? (before ?? []) : []);
        this.everConnected = true;
        this.pulse?.start();
        void this.subscribe(client, connack, 0);
    }
    /** Filters that our session with this broker held when the last run ended; undefined: there was none. */
    recall() {
        const facts = this.host.facts.recall();
        if (facts?.url !== this.config.url || facts.client_id !== this.clientId)
            return undefined;
        return Array.isArray(facts.filters) ? facts.filters.map(String) : undefined;
    }
    /** Refused filters are asked for again and again: somebody may change the broker's rules. */
    async subscribe(client, connack, attempt) {
        const { subscriptions } = this;
        const told = subscriptions.refused;
        try {
            await subscriptions.bring(client, connack);
        }
        catch (error) {
            if (client === this.client)
                this.report(`cannot subscribe: ${reasonOf(error)}`);
            return;
        }
        if (client !== this.client)
            return;
        const filters = subscriptions.filters;
        this.host.facts.keep({ url: this.config.url, client_id: this.clientId, filters });
        this.trouble = '';
        const { refused } = subscriptions;
        for (const problem of refused.filter((one) => !told.includes(one)))
            this.host.log.error({ input: this.host.name }, problem);
        if (refused.length === 0)
            this.recovered();
        else
            this.later(attempt, () => void this.subscribe(client, connack, attempt + 1));
    }
    /** Admits a message. Returns false for those that are acknowledged by us. */
    take(packet, cutBytes, acknowledger) {
        const topic = packet.topic.toString();
        const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
        const { qos, messageId } = packet;
        this.pulse?.message(topic, payload);
        const wantsAck = qos > 0 && messageId !== undefined;
        const checksum = crc32(payload);
        const known = wantsAck && packet.dup ? this.redelivery.known(messageId, topic, payload.length, checksum) : undefined;
        if (wantsAck && known !== undefined) {
            acknowledger.acknowledge(messageId, known);
            return false;
        }
        if (this.starved && wantsAck)
            return false;
        const properties = packet.properties === undefined ? undefined : propertiesOf(packet.properties);
        const admitted = this.journal.append({
            type: 'message',
            message: {
                topic,
                ...this.keptOf(topic, payload, checksum, cutBytes),
                ...(cutBytes > 0 && { cutBytes }),
                qos,
                retain: packet.retain,
                dup: packet.dup,
                ...(wantsAck && { packetId: messageId }),
                seen: Date.now(),
                ...(properties && { properties }),
            },
        });
        if (admitted === undefined) {
            this.full(wantsAck);
            return !wantsAck;
        }
        if (!wantsAck)
            return true;
        this.redelivery.admitted(messageId, topic, payload.length, checksum, admitted);
        acknowledger.acknowledge(messageId, admitted);
        return false;
    }
    /** What goes into the journal in a payload's place: what events will not tell of it never reaches the disk. */
    keptOf(topic, payload, checksum, cutBytes) {
        const policy = this.config.payload;
        if (keepsAll(payload, policy))
            return { payload };
        const size = payload.length;
        if (this.host.owns(topic)) {
            const kept = this.host.admit?.(payload, cutBytes > 0) ?? payload;
            return kept === payload ? { payload } : { payload: kept, size, checksum };
        }
        const captured = capturePayload(payload, policy, cutBytes > 0);
        return { payload: NO_BYTES, size, checksum, captured };
    }
    /** No room: QoS 1 stays with the broker, which gets to send it again after a reconnect; QoS 0 is gone. */
    full(wantsAck) {
        const first = !this.starved && this.dropped === 0;
        if (wantsAck)
            this.starved = true;
        else
            this.dropped++;
        if (!first)
            return;
        this.host.log.warn({ input: this.host.name }, 'no room for messages: the outputs do not keep up');
        void this.journal.room(this.stopping.signal).then(() => this.roomAgain(), () => { });
    }
    roomAgain() {
        const { dropped, starved } = this;
        this.dropped = 0;
        this.starved = false;
        if (dropped > 0)
            this.gap('queue_full', `${dropped} messages of QoS 0 found no room`, { 'mqtt.drop.count': dropped });
        if (!starved)
            return;
        this.lastError = new Error('connecting again for the messages that were left with the broker');
        // It is no failure: it has not to wait longer each time.
        this.failures = 0;
        this.client?.stream.destroy();
    }
    disconnected(client, error) {
        if (client !== this.client || this.stopping.signal.aborted)
            return;
        this.client = undefined;
        this.pulse?.stop();
        this.lastError = undefined;
        const taken = this.connectedAt > 0 ? this.clientId : undefined;
        const stable = this.connectedAt > 0 && Date.now() - this.connectedAt >= STABLE_MS && !isTakeover(error);
        if (this.config.protocol === 4)
            this.asBridge = this.connectedAt > 0 || (isBridgeRefusal(error) ? !this.asBridge : this.asBridge);
        this.connectedAt = 0;
        this.failures = stable ? 0 : this.failures + 1;
        this.report(`${this.config.url}: ${failureWords(error, taken)}`);
        client?.removeAllListeners();
        client?.on('error', () => { });
        this.later(this.failures, () => this.connect());
    }
    /** Acts after a random pause below a bound that doubles with each attempt. */
    later(attempt, act) {
        const bound = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(attempt, 10));
        clearTimeout(this.timer);
        this.timer = setTimeout(act, MIN_PAUSE_MS / 2 + Math.random() * bound);
    }
    silence(reason, node, silentMs) {
        const who = node === '' ? 'the broker' : `node ${node.slice(0, NODE_CHARS)}`;
        const what = reason === 'node_gone'
            ? `${who} has left the cluster: there are no numbers of it any more`
            : `${who} has said nothing in $SYS for ${Math.round(silentMs / 1000)} s: its numbers are missing`;
        this.gap(reason, what, node === '' ? {} : { 'service.node.name': node });
    }
    gap(reason, message, fields = {}) {
        void this.journal.append({
            type: 'note',
            note: {
                action: 'input-gap',
                seen: Date.now(),
                reason,
                message: `${this.config.url}: ${message}`,
                fields: { 'mqtt.probe.input.name': this.host.name, ...fields },
            },
        });
    }
    report(problem) {
        this.trouble = problem;
        const last = this.lastLogged;
        if (last.text === problem && Date.now() - last.at < REPEAT_MS) {
            last.count++;
            return;
        }
        this.host.log.error({ input: this.host.name, ...(last.count > 0 && { repeated: last.count }) }, problem);
        this.lastLogged = { text: problem, at: Date.now(), count: 0 };
    }
    recovered() {
        this.lastLogged = { text: '', at: 0, count: 0 };
        this.host.log.info({ input: this.host.name }, 'subscribed');
    }
}
