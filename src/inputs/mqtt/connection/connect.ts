import type { Duplex } from 'node:stream';
import { type IClientOptions, type MqttClient, connect as open, Store } from 'mqtt';
import { configuredSecret } from '../../../net/configured-file.ts';
import { type TlsOptions, tlsOptions } from '../../../net/tls.ts';
import type { MqttInputConfig } from '../config.ts';
import { guarded, PacketGuard } from './packet-guard.ts';

const KEEP_ALIVE_S = 30;
const CONNECT_TIMEOUT_MS = 15_000;
/** MQTT 5 §3.1.2.11.3: as many unacknowledged messages as there are packet identifiers. */
const RECEIVE_MAXIMUM = 65_535;

/** MQTT.js closes it after our DISCONNECT, and throws when a broker has sent more of QoS 2 meanwhile. */
class OpenStore extends Store {
  override close(done: () => void): void {
    done();
  }
}

/** A connection of a mirror. */
export interface MirrorConnection {
  readonly client: MqttClient;
  /** Bytes that were left out of a PUBLISH packet; to be asked of each, in their order. */
  readonly cutBytes: (remainingLength: number) => number;
}

/**
 * Opens one connection to the broker as a bridge would: 3.1.1 with the bridge bit, which keeps the retain flag of live
 * messages and leaves out what we sent ourselves; with MQTT 5 the subscription asks for both. It is never opened again by
 * itself. MQTT 5 tells the broker how large a packet may be; with 3.1.1 a guard of ours cuts what is larger.
 * @param clean without a session that outlives the connection
 * @param asBridge with the bridge bit; RabbitMQ 3.10 takes a connection that has it for a broken one and closes it
 * @throws BlockedError when a file of the settings cannot be read
 */
export function connectMirror(
  config: MqttInputConfig,
  clientId: string,
  clean = false,
  asBridge = true,
): MirrorConnection {
  const { url, protocol, user, password_file: passwordFile, tls } = config;
  const options: IClientOptions = {
    clientId,
    clean,
    keepalive: KEEP_ALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    manualConnect: true,
    // To tell a debugger every step takes time even when nobody listens.
    log: () => {},
    // 65,536 buffers, for numbers that a subscriber hardly ever sends.
    writeCache: false,
    incomingStore: new OpenStore(),
    protocolVersion: protocol === 4 ? 4 : 5,
    ...(user !== undefined && { username: user }),
    ...(passwordFile !== undefined && { password: configuredSecret('password_file', passwordFile) }),
    ...(/^(mqtts|wss):/.test(url) && certificates(tls ?? {}, new URL(url).hostname)),
    ...(protocol === 5 && {
      properties: {
        sessionExpiryInterval: Math.min(Math.round(config.session_expiry / 1000), 0xffff_ffff),
        receiveMaximum: RECEIVE_MAXIMUM,
        maximumPacketSize: config.max_packet,
      },
    }),
  };
  const client = open(url, options);
  let cutBytes = (_remainingLength: number): number => 0;
  // MQTT.js 5.16 has an option for the bridge bit that has no effect; mqtt-packet writes it when the packet has it.
  if (protocol === 4) {
    client.on('packetsend', (packet) => {
      if (packet.cmd === 'connect' && asBridge) Object.assign(packet, { bridgeMode: true });
    });
    const guard = new PacketGuard(config.max_packet);
    cutBytes = (remainingLength) => guard.cutBytes(remainingLength);
    interpose(client, guard);
  }
  client.connect();
  return { client, cutBytes };
}

/** MQTT.js has no other place where one could stand between its connection and its parser. */
function interpose(client: MqttClient, guard: PacketGuard): void {
  const inner = client as unknown as { streamBuilder: (client: MqttClient) => Duplex };
  const build = inner.streamBuilder;
  inner.streamBuilder = (self) => guarded(build(self), guard);
}

function certificates(
  tls: TlsOptions,
  host: string,
): Pick<IClientOptions, 'ca' | 'cert' | 'key' | 'servername' | 'wsOptions'> {
  const { ca, cert, key, servername } = tlsOptions(tls, host);
  // MQTT.js passes everything but the name on to a web socket by itself.
  const wsOptions: object = { servername };
  return {
    ...(ca instanceof Buffer && { ca }),
    ...(cert instanceof Buffer && { cert }),
    ...(key instanceof Buffer && { key }),
    ...(servername !== undefined && { servername, wsOptions }),
  };
}
