import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Cleanup } from './temp.ts';

/** A server that speaks as little MQTT as a test needs. */
interface MqttStandIn {
  readonly port: number;
  /** All that there were, oldest first. */
  readonly connections: readonly Socket[];
}

/**
 * Starts one.
 * @param take gets each packet, whole, of less than 128 bytes
 */
export async function startMqttStandIn(
  t: Cleanup,
  take: (packet: Buffer, socket: Socket) => void,
): Promise<MqttStandIn> {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const end = at + 2 + (bytes[at + 1] ?? 0);
        take(bytes.subarray(at, end), socket);
        at = end;
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, connections };
}
