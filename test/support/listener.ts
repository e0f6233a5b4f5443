import type { AddressInfo, Server, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { clientName, resetSocket } from './certificates.ts';

/** What receivers have in common, whatever is spoken: connections that come, are reset, and end with the listening. */
export class Listener {
  /** Connections that stand. */
  readonly sockets = new Set<Socket>();
  /** Who has connected with a client certificate. */
  readonly clients: (string | undefined)[] = [];
  /** Connections that there have been. */
  connections = 0;
  port = 0;
  private readonly server: Server;

  /** @param accept gets each connection; with TLS once that is agreed on */
  protected constructor(server: Server, tls: TlsOptions | undefined, accept: (socket: Socket) => void) {
    this.server = server;
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      // A TLS handshake may end after the stop.
      if (!server.listening) {
        socket.destroy();
        return;
      }
      this.connections++;
      this.sockets.add(socket);
      this.clients.push(clientName(socket));
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      accept(socket);
    });
  }

  /** @param port 0: any */
  protected async listen(port: number): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  /** Resets every connection. */
  reset(): void {
    for (const socket of this.sockets) resetSocket(socket);
  }

  /** Stops listening and resets every connection; another may listen on the same port then. */
  async stop(): Promise<void> {
    this.reset();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
