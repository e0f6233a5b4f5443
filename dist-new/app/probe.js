import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, StateError } from '../core/errors.js';
import { outputs as outputTypes } from '../outputs/index.js';
import { Lane } from '../pipeline/lane.js';
import { makeStateDirectory } from '../state/control-socket.js';
import { PositionStore } from '../state/positions.js';
import { disk } from '../state/spool/disk.js';
import { Spool, spoolDirectory } from '../state/spool/spool.js';
import { Telemetry } from '../telemetry/telemetry.js';
import { VERSION } from '../version.js';
import { CertificateWatch } from './certificates.js';
import { DeadLetterOffice } from './dead-letter-office.js';
import { Followers } from './followers.js';
import { InputPlace } from './input-place.js';
import { openPrivacy, openVault } from './privacy.js';
import { ProbeEvents } from './probe-events.js';
/** Time at a stop for what was admitted to memory, and then for the outputs to confirm: below 8 s together. */
const DRAIN_MS = 3000;
const CLOSE_MS = 3500;
/** Time at a stop for the disk to take what was admitted. */
const SPOOL_MS = 1000;
/** Time at a stop for followers to take what waits for them. */
const FOLLOWERS_MS = 300;
/** How often reports of rejected events that are due are looked for. */
const REPORT_MS = 5000;
/** Pause between two looks for positions of files that are long gone. */
const EXPIRE_MS = 3_600_000;
/** The running probe: inputs, one lane for each output, positions, telemetry. Starts in order, stops in reverse. */
export class Probe {
    /** Address of the HTTP endpoints; undefined when they are off. */
    address;
    config;
    log;
    telemetry;
    store;
    spool;
    lanes;
    inputs = [];
    followers = new Followers();
    deadLetters;
    events;
    certificates;
    around;
    stopReading = new AbortController();
    stopCarrying = new AbortController();
    started = new Date();
    timers = [];
    constructor(config, log, telemetry, store, spool, outputs, privacy) {
        this.config = config;
        this.log = log;
        this.telemetry = telemetry;
        this.store = store;
        this.spool = spool;
        this.deadLetters = new DeadLetterOffice(config, log, (note) => this.events.note(note));
        this.lanes = outputs.map((output) => this.lane(output));
        this.around = {
            config,
            log,
            lanes: this.lanes,
            store,
            privacy,
            spool,
            identity: { id: store.agent, ephemeralId: randomUUID() },
            stopReading: this.stopReading.signal,
            stopCarrying: this.stopCarrying.signal,
        };
        this.events = new ProbeEvents(this.around);
        this.certificates = new CertificateWatch(config);
    }
    /**
     * Starts a probe.
     * @throws StateError when the state directory cannot be used
     * @throws BlockedError when an address cannot be listened on
     */
    static async start(config, log, extra = []) {
        await makeStateDirectory(config.state);
        const telemetry = new Telemetry(startingStatus(config), config.telemetry.hosts);
        let probe;
        try {
            await telemetry.lock(config.state);
            const outputs = [...extra, ...(await configuredOutputs(config))];
            const vault = openVault(config);
            const store = await openPositions(config.state, outputs, log, vault);
            const spool = await openSpool(config, log, vault);
            probe = new Probe(config, log, telemetry, store, spool, outputs, openPrivacy(config));
            await probe.begin();
            return probe;
        }
        catch (error) {
            // Nothing of a probe that did not start stays behind: neither its lock nor an input that has begun.
            await (probe === undefined ? telemetry.close() : probe.stop());
            throw error;
        }
    }
    /** Resolves when every input has ended and everything was delivered; never while one goes on for ever. */
    async finished() {
        await Promise.all(this.inputs.map((input) => input.finished));
    }
    /** Stops reading, delivers or leaves for the next start what is in hand, saves positions. Takes less than 8 s. */
    async stop() {
        for (const timer of this.timers)
            clearInterval(timer);
        this.certificates.stop();
        this.stopReading.abort();
        this.events.say('probe-stopped', 'the probe stops', []);
        await Promise.all(this.inputs.map((input) => input.stop()));
        const settled = Promise.all([...this.inputs.map((input) => input.settled()), this.events.close()]);
        await Promise.race([this.handedOver(), settled, delay(DRAIN_MS, undefined, { ref: false })]);
        this.stopCarrying.abort();
        await Promise.all([
            this.spool.close(SPOOL_MS),
            ...this.lanes.map((lane) => lane.delivery.stop(CLOSE_MS)),
        ]);
        await Promise.race([this.followers.close(), delay(FOLLOWERS_MS, undefined, { ref: false })]);
        await this.store.save().catch((error) => {
            this.log.error({}, error instanceof StateError ? error.message : String(error));
        });
        await this.telemetry.close();
        this.log.info({}, 'stopped');
    }
    status() {
        const inputs = this.inputs.map((input) => input.status());
        const outputs = this.lanes.map((lane) => {
            const { problem, stats } = lane.delivery;
            return {
                name: lane.name,
                type: lane.type,
                place: lane.output.describe(),
                ...lane.balance(),
                ...stats,
                problem: problem === undefined ? undefined : `output ${lane.name}: ${problem}`,
            };
        });
        const spool = this.spool.status();
        const problems = [
            ...inputs.flatMap(({ problems }) => problems),
            ...outputs.flatMap(({ problem }) => problem ?? []),
            ...(this.store.problem === undefined ? [] : [this.store.problem]),
            ...spool.streams.flatMap(({ problem }) => problem ?? []),
        ];
        const ready = problems.length === 0;
        return {
            ...startingStatus(this.config),
            started: this.started.toISOString(),
            ready,
            problems,
            inputs,
            outputs,
            spool,
        };
    }
    eventCounts() {
        return this.lanes[0]?.eventCounts() ?? [];
    }
    series() {
        return this.inputs.flatMap((input) => input.series());
    }
    /** `/dead-letters/<output>/replay` or `/purge`. */
    act(path) {
        const [, name, verb] = /^\/dead-letters\/([^/]+)\/(replay|purge)$/.exec(path) ?? [];
        const lane = this.lanes.find((lane) => lane.name === name);
        if (lane === undefined)
            return undefined;
        if (verb === 'purge')
            return this.deadLetters.purge(lane.name);
        return this.deadLetters.replay({ name: lane.name, delivery: lane.delivery, revive: (source, letters) => lane.revive(source, letters) }, () => this.store.save(), this.stopCarrying.signal);
    }
    /** `output`: whose events, default the first; `needle`, repeatable: bytes that stand in each event that is wanted. */
    follow(query, response) {
        const name = query.get('output') ?? this.lanes[0]?.name;
        const lane = this.lanes.find((lane) => lane.name === name);
        if (lane === undefined)
            return `there is no output "${name}"; there are ${this.lanes.map(({ name }) => name).join(', ')}`;
        return this.followers.add(lane.name, query.getAll('needle'), response);
    }
    async begin() {
        const { config, log } = this;
        this.telemetry.observe(this);
        this.address = await this.telemetry.listen(config.telemetry.listen);
        for (const lane of this.lanes)
            lane.delivery.start();
        for (const [name, settings] of Object.entries(config.inputs)) {
            this.inputs.push(await InputPlace.open(name, settings, this.around));
        }
        log.info({ version: VERSION, state: config.state, listen: this.address ?? 'off' }, 'started');
        this.events.say('probe-started', `brokertap ${VERSION} has started`, []);
        for (const input of this.inputs)
            await input.start();
        void this.certificates.start();
        this.store.expire(Date.now());
        this.every(EXPIRE_MS, () => this.store.expire(Date.now()));
        this.every(config.save, () => void this.save());
        this.every(REPORT_MS, () => this.deadLetters.report());
        this.every(config.heartbeat, () => {
            const { problems } = this.status();
            this.events.say('probe-heartbeat', problems.length === 0 ? 'everything works' : problems.join('; '), problems, this.certificates.fields);
        });
    }
    /** Resolves when everything in memory has been written, confirmed or not; closing the outputs confirms the rest. */
    async handedOver() {
        for (;;) {
            await delay(20, undefined, { ref: false });
            const unread = this.lanes.some((lane) => lane.unread > 0 || lane.delivery.unreleased > 0);
            if (!unread)
                return;
        }
    }
    async save() {
        const before = this.store.problem;
        for (const lane of this.lanes)
            lane.refresh();
        const needed = this.spool.needed();
        try {
            await this.store.save();
            await this.spool.trim(needed);
        }
        catch (error) {
            if (!(error instanceof StateError))
                throw error;
            if (before === undefined)
                this.log.error({}, error.message);
            // On a full disk the order is turned round: what nobody needs makes room for the positions. A crash before they are
            // saved would then tell of a gap where there is none, which is better than to stand still for ever.
            if (hasCode(error.cause, 'ENOSPC', 'EDQUOT'))
                await this.spool.trim(needed);
        }
        if (before !== undefined && this.store.problem === undefined)
            this.log.info({}, 'positions are saved again');
    }
    every(ms, act) {
        this.timers.push(setInterval(act, ms));
    }
    lane({ name, type, output }) {
        const cursors = {
            load: (source) => (source.durable ? this.store.cursor(source.id, name) : undefined),
            save: (source, cursor) => this.store.setCursor(source.id, name, cursor),
            totals: () => this.store.totalsOf(name),
            sentBefore: (source) => (source.durable && !this.store.isFresh(source.id) ? source.size() : -1),
            revive: (source, letters) => this.store.revive(source, name, letters),
        };
        const settings = this.config.outputs[name];
        return new Lane({
            name,
            type,
            output,
            filters: { include: settings?.include, exclude: settings?.exclude },
            cursors,
            graveyard: this.deadLetters.graveyard(name),
            checkpointMs: this.config.save,
            log: this.log,
            onSettled: (seconds) => this.telemetry.metrics.settled(name, seconds),
            onEvents: (out) => this.followers.tell(name, out),
        });
    }
}
async function configuredOutputs(config) {
    const outputs = [];
    for (const [name, settings] of Object.entries(config.outputs)) {
        const { create } = await outputTypes[settings.type].load();
        outputs.push({ name, type: settings.type, output: create(settings) });
    }
    return outputs;
}
async function openSpool(config, log, vault) {
    const { size, sync, when_full: whenFull } = config.spool;
    const options = { sizeBytes: size, syncMs: sync, whenFull, vault };
    const spool = new Spool(spoolDirectory(config.state), disk, options, log);
    await spool.findAbandoned(Object.keys(config.inputs));
    return spool;
}
async function openPositions(directory, outputs, log, vault) {
    const names = outputs.map(({ name }) => name);
    const store = await PositionStore.open(directory, names, log, vault);
    for (const name of store.dropOtherOutputs()) {
        log.warn({ output: name }, 'this output is no longer configured: its positions were dropped');
    }
    return store;
}
function startingStatus(config) {
    return {
        name: config.name ?? 'brokertap',
        version: VERSION,
        started: new Date().toISOString(),
        ready: false,
        problems: ['the probe is starting'],
        inputs: [],
        outputs: [],
        spool: { bytes: 0, sizeBytes: config.spool.size, streams: [], abandoned: [] },
    };
}
