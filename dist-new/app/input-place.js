import { hostname } from 'node:os';
import { brokers } from '../brokers/index.js';
import { matchesFilter } from '../core/topic.js';
import { inputs as inputTypes } from '../inputs/index.js';
import { clientIdOf } from '../inputs/mqtt/client-id.js';
import { compileFilter } from '../inputs/mqtt/filters.js';
import { whenFullOf } from '../inputs/tcp/config.js';
import { MirrorReader } from '../pipeline/mirror.js';
import { capturePayload } from '../pipeline/payload.js';
import { envelope } from './envelope.js';
import { SpooledFiles } from './spooled-files.js';
import { openStream } from './surroundings.js';
const LOG_TOPICS = '$SYS/broker/log/';
/** One configured input in its surroundings: hands its sources to every lane, and knows how their records are read. */
export class InputPlace {
    name;
    service;
    log;
    generations;
    facts;
    role;
    pulse;
    owns;
    admit;
    /** Resolves when the input has ended and everything of it is settled. */
    finished;
    settings;
    around;
    reading;
    input;
    stream;
    /** Of an input that reads files. */
    spooled;
    carrying = new Set();
    sources = new Set();
    constructor(name, settings, around, dialect, stream, create) {
        this.name = name;
        this.service = serviceOf(settings, around.config);
        this.settings = settings;
        this.around = around;
        this.log = around.log;
        this.generations = around.store;
        this.facts = around.store.facts(name);
        this.role = dialect.role;
        this.pulse = dialect.pulse;
        this.reading = readingOf(name, settings, around, dialect);
        const { owns } = this.reading.dialect;
        this.owns = (topic) => topic.startsWith(LOG_TOPICS) || owns?.(topic) === true;
        const { payload } = this.reading.stream;
        const { admit } = dialect;
        this.admit = admit && ((record, isCut) => admit(record, isCut, payload));
        this.stream = stream;
        this.spooled =
            settings.type === 'file'
                ? new SpooledFiles({
                    input: name,
                    around,
                    settings: linesOf(settings, dialect),
                    whenFull: settings.when_full,
                    carry: (spooled) => void this.carry(spooled),
                })
                : undefined;
        this.input = create(this);
        this.finished = (this.input.ended ?? new Promise(() => { })).then(() => this.settled());
    }
    /** Loads the code of the input and of its broker, and opens its stream of the spool. @throws StateError */
    static async open(name, settings, around) {
        const { dialect } = await brokers[settings.broker].load();
        const { create } = await inputTypes[settings.type].load();
        const whenFull = settings.type === 'tcp' ? whenFullOf(settings) : settings.when_full;
        const stream = settings.type === 'file' ? undefined : await openStream(name, around, { whenFull });
        const place = new InputPlace(name, settings, around, dialect, stream, (host) => create(settings, host));
        await place.spooled?.open();
        return place;
    }
    start() {
        return this.input.start();
    }
    /** Stops receiving; what was admitted is still carried. */
    async stop() {
        await this.input.stop();
        this.stream?.close();
        this.spooled?.close();
    }
    /** Resolves when everything that was found or admitted is settled. */
    async settled() {
        while (this.carrying.size > 0)
            await Promise.all(this.carrying);
    }
    add(source, after) {
        const { spooled, settings } = this;
        if (spooled === undefined || settings.type !== 'file' || !settings.spool)
            return this.carry(source, after);
        return this.untilDone(source, spooled.copy(source, after));
    }
    carry(source, after) {
        const { lanes, stopReading, stopCarrying } = this.around;
        const stop = source.durable ? stopReading : stopCarrying;
        const carried = lanes.map((lane) => lane.carry(source, this.reading, this.settings, after, stop));
        return this.untilDone(source, Promise.all(carried).then(() => { }));
    }
    untilDone(source, carried) {
        this.sources.add(source);
        const done = carried.finally(() => {
            this.carrying.delete(done);
            if (!this.around.stopReading.aborted)
                this.sources.delete(source);
        });
        this.carrying.add(done);
        return done;
    }
    journal() {
        if (this.stream === undefined)
            throw new RangeError(`input ${this.name} has no journal`);
        if (!this.sources.has(this.stream))
            void this.carry(this.stream);
        return this.stream;
    }
    problems() {
        const { problem } = this.spooled ?? {};
        const all = problem === undefined ? this.input.problems() : [...this.input.problems(), problem];
        return all.map((one) => `input ${this.name}: ${one}`);
    }
    series() {
        return this.input.series?.() ?? [];
    }
    status() {
        const { lanes } = this.around;
        const totals = { records: 0, bytes: 0, events: 0, empty: 0, unparsed: 0, foreign: 0, gaps: 0 };
        for (const total of lanes[0]?.inputTotals(this.name) ?? []) {
            totals.records += total.records;
            totals.bytes += total.bytes;
            totals.events += total.events;
            totals.empty += total.empty;
            totals.unparsed += total.unparsed;
            totals.foreign += total.foreign;
            totals.gaps += total.gaps;
        }
        return {
            name: this.name,
            type: this.settings.type,
            sources: [...this.sources].filter((source) => source.framing() !== 'journal' || !this.spooled).length,
            ...totals,
            lagBytes: Math.max(0, ...lanes.map((lane) => lane.lag(this.name))) + (this.spooled?.lag ?? 0),
            problems: this.problems(),
        };
    }
}
/** How the lines of an input's files are told apart. */
function linesOf(settings, { name, role }) {
    const { timezone, program, limit } = settings;
    return { limit, role, framing: { timezone, program: program ?? name, isChosen: program !== undefined } };
}
/** How the records of an input are read. */
function readingOf(input, settings, around, dialect) {
    const { config, identity } = around;
    const service = serviceOf(settings, config);
    const partners = Object.entries(config.inputs).filter(([, other]) => serviceOf(other, config) === service);
    const clients = partners.flatMap(([name, other]) => other.type === 'mqtt' ? [{ id: clientIdOf(other, hostname(), name), traffic: other.own_traffic }] : []);
    // Polls tell nothing of messages.
    const logs = partners.filter(([, other]) => other.type !== 'mqtt' && other.type !== 'emqx-api');
    const labels = { ...config.labels, ...settings.labels };
    const mirrored = settings.type === 'mqtt' ? settings : undefined;
    const client = mirrored === undefined ? '' : clientIdOf(mirrored, hostname(), input);
    const levels = (mirrored?.topics ?? [])
        .map(({ filter }) => compileFilter(filter))
        .filter((f) => f.labels.length > 0);
    const tailed = partners.find(([, other]) => other.type === 'file')?.[0];
    const listed = mirrored?.topics.some(({ filter }) => filter.startsWith('$SYS/broker/log/')) ?? false;
    if (listed && tailed !== undefined) {
        around.log.warn({ input }, `lines of the broker's log come twice: from its log topics, which are listed here, and from the input ${tailed}`);
    }
    return {
        dialect: owning(dialect, mirrored?.events ?? []),
        stream: {
            ownClients: new Set(clients.map(({ id }) => id)),
            topicRoot: config.topic_root,
            ...('timezone' in settings && settings.timezone !== undefined && { timezone: settings.timezone }),
            ...('stamp' in settings && settings.stamp !== undefined && { stamp: settings.stamp }),
            ...('fields' in settings && settings.fields !== undefined && { fields: settings.fields }),
            ...('payload' in settings && captures(settings.payload) && { payload: captureBy(settings.payload) }),
        },
        original: 'original' in settings && settings.original,
        privacy: around.privacy,
        leftOut: new Set(clients.filter(({ traffic }) => traffic === 'drop').map(({ id }) => id)),
        ...(config.join > 0 &&
            clients.length > 0 &&
            logs.length > 0 && { join: { broker: service, waitMs: config.join } }),
        envelope: envelope(identity, {
            host: settings.host ?? config.host ?? hostname(),
            serviceType: dialect.name,
            serviceName: service,
            labels,
        }),
        namespace: settings.namespace ?? config.namespace,
        limit: 'limit' in settings ? settings.limit : 0,
        ...('program' in settings && settings.program !== undefined && { program: settings.program }),
        isHostChosen: (settings.host ?? config.host) !== undefined,
        ignoreLogTopics: !listed && tailed !== undefined,
        ...(mirrored && {
            mirror: (emit, correlation) => new MirrorReader({ payload: mirrored.payload, topicRoot: config.topic_root, levels, labels }, emit, correlation && ((message, asked) => correlation.find(client, message, asked))),
        }),
    };
}
/** The dialect reads messages of these topics too. */
function owning(dialect, filters) {
    if (filters.length === 0)
        return dialect;
    const owns = (topic) => dialect.owns?.(topic) === true || filters.some((filter) => matchesFilter(filter, topic));
    return { ...dialect, owns };
}
/** How the payloads that the broker's own records hold are kept. */
function captureBy(policy) {
    return (payload, isCut) => capturePayload(payload, policy, isCut);
}
function captures({ capture, decode }) {
    return capture !== 'none' || decode !== undefined;
}
/** The broker that an input belongs to. */
function serviceOf(settings, config) {
    return settings.name ?? config.name ?? settings.broker;
}
