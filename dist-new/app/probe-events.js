import { hostname } from 'node:os';
import { MemoryJournal } from '../state/memory-journal.js';
import { envelope } from './envelope.js';
const JOURNAL_BYTES = 1024 * 1024;
/** Reads nothing: the probe speaks in notes only. */
const silent = {
    name: 'brokertap',
    provider: 'probe',
    open: () => ({ line: () => { }, message: () => { }, state: () => ({}) }),
};
/** What the probe says of itself: its start, its heartbeat, its stop. */
export class ProbeEvents {
    journal;
    carried;
    startedMs = Date.now();
    constructor(around) {
        const { config, lanes, identity } = around;
        const reading = {
            dialect: silent,
            stream: { ownClients: new Set(), topicRoot: config.topic_root },
            leftOut: new Set(),
            original: false,
            envelope: envelope(identity, {
                host: config.host ?? hostname(),
                serviceType: silent.name,
                serviceName: config.name ?? silent.name,
                labels: config.labels,
            }),
            namespace: config.namespace,
            limit: 0,
            ignoreLogTopics: false,
        };
        const outputs = lanes.map((lane) => lane.name);
        this.journal = new MemoryJournal('probe', outputs, JOURNAL_BYTES);
        this.carried = Promise.all(lanes.map((lane) => lane.carry(this.journal, reading, {}, undefined, around.stopCarrying)));
    }
    /**
     * @param problems why the probe is not ready
     * @param more further catalogue fields
     */
    say(action, message, problems, more = {}) {
        const { rss } = process.memoryUsage();
        const { user, system } = process.cpuUsage();
        this.note({
            action,
            seen: Date.now(),
            message,
            fields: {
                'mqtt.probe.state': problems.length > 0 ? 'degraded' : 'running',
                'mqtt.probe.uptime': Math.round((Date.now() - this.startedMs) / 1000),
                'mqtt.probe.process.resident_memory': rss,
                'mqtt.probe.process.cpu_milliseconds': Math.round((user + system) / 1000),
                ...more,
            },
        });
    }
    /** Without room the note is left out: old heartbeats of a blocked output are of no use. */
    note(note) {
        void this.journal.append({ type: 'note', note });
    }
    /** Nothing more will be said. Resolves when all was delivered. */
    async close() {
        this.journal.close();
        await this.carried;
    }
}
