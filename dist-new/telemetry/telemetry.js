import { BlockedError, reasonOf } from '../core/errors.js';
import { listenOnControlSocket } from '../state/control-socket.js';
import { Metrics } from './metrics.js';
import { createTelemetryServer } from './server.js';
/** The probe's metrics and status, on its control socket and on an HTTP address. */
export class Telemetry {
    metrics;
    control;
    http;
    observed;
    starting;
    /** @param hosts names that a Host header may carry besides localhost and IP addresses */
    constructor(starting, hosts) {
        this.starting = starting;
        const status = () => this.observed?.status() ?? this.starting;
        this.metrics = new Metrics(status, () => this.observed?.eventCounts() ?? [], () => this.observed?.series() ?? []);
        const { metrics } = this;
        const act = (path) => this.observed?.act(path);
        const follow = (query, response) => this.observed === undefined ? 'the probe is starting' : this.observed.follow(query, response);
        this.control = createTelemetryServer({ status, metrics, hosts: undefined, act, follow });
        this.http = createTelemetryServer({ status, metrics, hosts });
    }
    /** From now on this is what is shown. */
    observe(observed) {
        this.observed = observed;
    }
    /** Takes the lock of the state directory. @throws StateError when another probe has it */
    lock(directory) {
        return listenOnControlSocket(directory, this.control);
    }
    /**
     * @param listen `host:port`, or `off`
     * @returns the address in use; undefined when off
     * @throws BlockedError when it cannot be listened on
     */
    async listen(listen) {
        if (listen === 'off')
            return undefined;
        const colon = listen.lastIndexOf(':');
        const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
        const port = Number(listen.slice(colon + 1));
        return new Promise((resolve, reject) => {
            this.http.once('error', (error) => {
                const message = `telemetry.listen ${listen}: ${reasonOf(error)}; choose another address, or "off"`;
                reject(new BlockedError(message, { cause: error }));
            });
            this.http.listen({ host, port }, () => {
                const address = this.http.address();
                resolve(typeof address === 'object' && address !== null ? `${host}:${address.port}` : listen);
            });
        });
    }
    async close() {
        for (const server of [this.http, this.control]) {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(() => resolve()));
        }
    }
}
