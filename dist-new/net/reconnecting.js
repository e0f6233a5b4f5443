import { createRequire } from 'node:module';
import { Socket } from 'node:net';
const ReconnectingSocket = createRequire(import.meta.url)('reconnecting-socket');
/** A socket that is connected again whenever it is lost, with a growing, random pause. */
export class Reconnecting {
    options;
    machine;
    shortSessions = 0;
    openedAt = 0;
    socket;
    lastError;
    stopped = true;
    timer;
    constructor(options) {
        this.options = options;
        this.machine = new ReconnectingSocket({
            create: () => this.make(),
            destroy: (socket) => socket.destroy(),
            onclose: () => { },
            backoff: {
                strategy: 'exponential',
                initialDelay: options.minDelayMs,
                maxDelay: options.maxDelayMs,
                randomisationFactor: 0.5,
                failAfter: null,
            },
        });
    }
    start() {
        this.stopped = false;
        this.machine.start();
    }
    /** Gives the present connection up and makes no other. */
    stop() {
        if (this.stopped)
            return;
        this.stopped = true;
        clearTimeout(this.timer);
        this.machine.stop();
    }
    make() {
        const { socket, connected } = this.create();
        this.socket = socket;
        const timeout = setTimeout(() => {
            socket.destroy(new Error(`no answer within ${this.options.connectTimeoutMs / 1000} s`));
        }, this.options.connectTimeoutMs);
        socket.once(connected, () => {
            clearTimeout(timeout);
            if (this.stopped)
                return;
            this.openedAt = performance.now();
            this.machine.open();
            this.options.onOpen(socket);
        });
        socket.on('error', (error) => {
            this.lastError = error;
            this.machine.error(error);
        });
        socket.once('close', () => {
            clearTimeout(timeout);
            if (this.socket === socket)
                this.closed();
        });
        return socket;
    }
    /** An error thrown while a socket is made is a failed attempt like any other. */
    create() {
        try {
            return this.options.create();
        }
        catch (error) {
            const socket = new Socket();
            setImmediate(() => socket.destroy(error instanceof Error ? error : new Error(String(error))));
            return { socket, connected: 'connect' };
        }
    }
    /** After a short session the machine, which has forgotten its back-off, is told of the end only after a pause of ours. */
    closed() {
        const error = this.lastError;
        this.lastError = undefined;
        const useful = this.options.onClose(error);
        const wasOpen = this.openedAt > 0;
        const short = wasOpen && !useful && performance.now() - this.openedAt < this.options.stableMs;
        this.openedAt = 0;
        this.shortSessions = short ? this.shortSessions + 1 : wasOpen ? 0 : this.shortSessions;
        if (!short || this.stopped) {
            this.machine.close();
            return;
        }
        const bound = Math.min(this.options.maxDelayMs, this.options.minDelayMs * 2 ** Math.min(this.shortSessions, 16));
        this.timer = setTimeout(() => this.machine.close(), Math.random() * bound);
    }
}
