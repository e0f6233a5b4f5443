import { createServer, type Socket } from 'node:net';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { BrokerLog } from './broker-log.ts';

/** The demo's MQTT broker, on a loopback port of its own. */
interface DemoBroker {
  readonly port: number;
  close(): Promise<void>;
}

const PASSWORDS: Readonly<Record<string, string>> = { fleet: 'fleet-demo' };
const NOT_AUTHORIZED = 5;

/**
 * Starts an embedded broker that takes the user `fleet`, denies publishing below `plant/config/`, and writes its log.
 * @param logFile where the log goes
 */
export async function startDemoBroker(logFile: string): Promise<DemoBroker> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const log = new BrokerLog(logFile, port);
  const byId = new Map<string, Client>();
  const timedOut = new WeakSet<Client>();
  const leaving = new WeakSet<Client>();
  const facts = new WeakMap<Client, { clean: boolean; keepAlive: number; user: string | undefined }>();

  const aedes = await Aedes.createBroker({
    preConnect(client, packet, done) {
      const { remoteAddress, remotePort } = client.conn as Socket;
      log.opened(client, { address: remoteAddress ?? '127.0.0.1', port: remotePort ?? 0 });
      facts.set(client, {
        clean: packet.clean ?? true,
        keepAlive: packet.keepalive ?? 0,
        user: packet.username,
      });
      done(null, true);
    },
    authenticate(client, user, password, done) {
      if (user === undefined || PASSWORDS[user] === password?.toString()) {
        const before = byId.get(client.id);
        if (before !== undefined) log.takenOver(client.id, before);
        return done(null, true);
      }
      log.refused(client, client.id);
      const error: AuthenticateError = Object.assign(new Error('not authorized'), {
        returnCode: NOT_AUTHORIZED,
      });
      done(error, null);
    },
    authorizePublish(client, packet, done) {
      if (client === null) return done(null);
      const denied = packet.topic.startsWith('plant/config/');
      log.published(client.id, { ...packet, messageId: packet.messageId }, denied);
      // A denied message is taken off the client and goes nowhere, as Mosquitto does it.
      if (denied) packet.topic = `denied/${client.id}`;
      done(null);
    },
    authorizeForward(client, packet) {
      if (packet.topic.startsWith('denied/') || packet.topic.startsWith('$')) return null;
      log.delivered(client.id, { ...packet, qos: 0 });
      return packet;
    },
  });
  aedes.on('clientReady', (client) => {
    byId.set(client.id, client);
    const { clean, keepAlive, user } = facts.get(client) ?? { clean: true, keepAlive: 0, user: undefined };
    log.ready(client, {
      protocol: client.version === 3 ? 'p1' : client.version === 5 ? 'p5' : 'p2',
      clean,
      keepAlive,
      user,
    });
  });
  aedes.on('subscribe', (subscriptions, client) => log.subscribed(client.id, subscriptions));
  aedes.on('ping', (_, client) => log.pinged(client.id));
  aedes.on('keepaliveTimeout', (client) => timedOut.add(client));
  aedes.on('clientDisconnect', (client) => {
    if (byId.get(client.id) === client) byId.delete(client.id);
    const lost = !leaving.has(client);
    log.ended(
      client,
      timedOut.has(client)
        ? ' has exceeded timeout, disconnecting.'
        : lost
          ? ' closed its connection.'
          : ' disconnected.',
    );
  });
  server.on('connection', (socket) => {
    const client = aedes.handle(socket);
    // A DISCONNECT packet is two bytes (MQTT 3.1.1 §3.14); the embedded broker does not tell it from a lost connection.
    socket.on('data', (bytes: Buffer) => {
      if (bytes.length >= 2 && bytes[bytes.length - 2] === 0xe0 && bytes[bytes.length - 1] === 0)
        leaving.add(client);
    });
  });
  return {
    port,
    async close() {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
      log.stopped();
    },
  };
}
