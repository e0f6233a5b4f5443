import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { until } from './wait.ts';

/** A TCP proxy whose connections can be cut at any time, so that an answer is lost after the server has done its work. */
export class CuttingProxy {
  url = '';
  /** Connections that were cut. */
  cuts = 0;
  private down = false;
  private readonly pairs = new Set<[Socket, Socket]>();
  /** Connections that the server still works on. */
  private readonly serving = new Set<Socket>();
  private readonly server = createServer((client) => this.accept(client));
  private port: number;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(Number(new URL(target).port));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    proxy.url = `http://127.0.0.1:${(proxy.server.address() as AddressInfo).port}`;
    return proxy;
  }

  /** Where new connections go. */
  aim(target: string): void {
    this.port = Number(new URL(target).port);
  }

  /** Resolves when the server has ended its work on all that came before the connections were closed. */
  async idle(): Promise<void> {
    await until(
      () => this.serving.size === 0,
      () => `${this.serving.size} connections`,
    );
  }

  /** Cuts every connection and lets none in, or lets them in again. Resolves when the server has ended its work. */
  async shut(down: boolean): Promise<void> {
    this.down = down;
    if (!down) return;
    this.cut();
    await this.idle();
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
    if (this.down) {
      client.destroy();
      return;
    }
    const server = connect(this.port, '127.0.0.1');
    const pair: [Socket, Socket] = [client, server];
    this.pairs.add(pair);
    this.serving.add(server);
    server.on('close', () => this.serving.delete(server));
    client.pipe(server);
    server.pipe(client);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.pairs.delete(pair);
        client.destroy();
        // Its answers are read on, or it would never end.
        server.resume();
        server.end();
      });
    }
  }
}
