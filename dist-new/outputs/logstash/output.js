import { Hosts } from '../../net/hosts.js';
/** Sends events to one of several Logstash hosts; the protocol is what its connections speak. */
export class LogstashOutput {
    hosts;
    constructor(options) {
        this.hosts = new Hosts(options);
    }
    check(signal) {
        return this.hosts.ready(signal);
    }
    async write(batch) {
        const connection = await this.hosts.use();
        return connection.write(batch);
    }
    close(timeoutMs) {
        return this.hosts.close(timeoutMs);
    }
    describe() {
        return this.hosts.describe();
    }
}
