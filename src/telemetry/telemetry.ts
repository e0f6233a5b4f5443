import type { Server, ServerResponse } from 'node:http';
import { BlockedError } from '../core/errors.ts';
import type { Series } from '../core/input.ts';
import { hostOf } from '../net/host.ts';
import { whyNoListening } from '../net/listening.ts';
import { listenOnControlSocket } from '../state/control-socket.ts';
import { Metrics } from './metrics.ts';
import { createTelemetryServer } from './server.ts';
import type { Status } from './status.ts';

/** What telemetry asks of the probe. */
export interface Observed {
  status(): Status;
  /** Events made since the start. */
  eventCounts(): Iterable<{ input: string; dataset: string; count: number }>;
  /** Numbers about what the inputs watch. */
  series(): Iterable<Series>;
  /** Does what a POST to a path of the control socket asks for; undefined: there is no such thing. */
  act(path: string): Promise<object> | undefined;
  /** Streams live events into a response. @returns why not; undefined: it does */
  follow(query: URLSearchParams, response: ServerResponse): string | undefined;
}

/** The probe's metrics and status, on its control socket and on an HTTP address. */
export class Telemetry {
  readonly metrics: Metrics;
  private readonly control: Server;
  private readonly http: Server;
  private observed: Observed | undefined;
  private readonly starting: Status;

  /** @param hosts names that a Host header may carry besides localhost and IP addresses */
  constructor(starting: Status, hosts: readonly string[]) {
    this.starting = starting;
    const status = (): Status => this.observed?.status() ?? this.starting;
    this.metrics = new Metrics(
      status,
      () => this.observed?.eventCounts() ?? [],
      () => this.observed?.series() ?? [],
    );
    const { metrics } = this;
    const act = (path: string): Promise<object> | undefined => this.observed?.act(path);
    const follow = (query: URLSearchParams, response: ServerResponse): string | undefined =>
      this.observed === undefined ? 'the probe is starting' : this.observed.follow(query, response);
    this.control = createTelemetryServer({ status, metrics, hosts: undefined, act, follow });
    this.http = createTelemetryServer({ status, metrics, hosts });
  }

  /** From now on this is what is shown. */
  observe(observed: Observed): void {
    this.observed = observed;
  }

  /** Takes the lock of the state directory. @throws StateError when another probe has it */
  lock(directory: string): Promise<void> {
    return listenOnControlSocket(directory, this.control);
  }

  /**
   * @param listen `host:port`, or `off`
   * @returns the address in use; undefined when off
   * @throws BlockedError when it cannot be listened on
   */
  async listen(listen: string): Promise<string | undefined> {
    if (listen === 'off') return undefined;
    const { host, port } = hostOf(listen);
    return new Promise((resolve, reject) => {
      this.http.once('error', (error) => {
        const message = `telemetry.listen ${listen}: ${whyNoListening(error)}; choose another address, or "off"`;
        reject(new BlockedError(message, { cause: error }));
      });
      this.http.listen({ host, port }, () => {
        const address = this.http.address();
        resolve(typeof address === 'object' && address !== null ? `${host}:${address.port}` : listen);
      });
    });
  }

  async close(): Promise<void> {
    for (const server of [this.http, this.control]) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  }
}
