import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose connections can be cut at any time, so that an answer is lost after the server has done its work. */
export class CuttingProxy {
  url = '';
  /** Connections that were cut. */
  cuts = 0;
  private readonly pairs = new Set<[Socket, Socket]>();
  private readonly server = createServer((client) => this.accept(client));
  private readonly port: number;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(Number(new URL(target).port));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    proxy.url = `http://127.0.0.1:${(proxy.server.address() as AddressInfo).port}`;
    return proxy;
  }

  /** Cuts every connection on which something is under way. */
  cut(): void {
    for (const [client, server] of this.pairs) {
      this.cuts++;
      client.resetAndDestroy();
      // The server reads what has come, and does it.
      server.end();
    }
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    const server = connect(this.port, '127.0.0.1');
    const pair: [Socket, Socket] = [client, server];
    this.pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.pairs.delete(pair);
        client.destroy();
        server.end();
      });
    }
  }
}
