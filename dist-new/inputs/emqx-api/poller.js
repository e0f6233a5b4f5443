import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError } from '../../core/errors.js';
import { EmqxApi } from '../../emqx-api/api.js';
import { Clients } from '../../emqx-api/clients.js';
import { aliasesOf, idsOf } from './aliases.js';
import { AuditFollower, auditAdvice } from './audit.js';
import { accessOf } from './config.js';
import { ClientMonitor } from './monitor.js';
import { stateRecord } from './record.js';
import { seriesOf } from './series.js';
/** Pause at least, also when a poll takes longer than the interval. */
const MIN_PAUSE_MS = 500;
const REPEAT_MS = 60_000;
/** Polls the REST API of an EMQX: what has changed of its clients becomes events, and its audit log, where it is asked for. */
export class ApiPoller {
    config;
    host;
    journal;
    api;
    clients;
    monitor = new ClientMonitor();
    audit;
    aliases;
    chosen;
    stopping = new AbortController();
    troubles = new Map();
    told = new Map();
    polling;
    /** @throws UsageError when `clients_file` cannot be used */
    constructor(config, host) {
        this.config = config;
        this.host = host;
        this.aliases = aliasesOf(config);
        this.chosen = {
            ids: idsOf(config.prometheus, this.aliases),
            aliases: this.aliases,
            broker: host.service,
        };
        this.api = new EmqxApi(accessOf(config));
        this.clients = new Clients(this.api);
        this.audit = config.audit ? new AuditFollower(this.api) : undefined;
        this.journal = host.journal();
        this.troubles.set('clients', 'not polled yet');
    }
    async start() {
        if (this.config.tls?.verify === false)
            this.host.log.warn({ input: this.host.name }, 'tls.verify is false: the certificate of the API is not looked at');
        await this.resumeAudit();
        this.polling = this.pollAgainAndAgain();
    }
    async stop() {
        this.stopping.abort();
        await this.polling;
        this.api.close();
    }
    problems() {
        return [...this.troubles.values()];
    }
    series() {
        return seriesOf(this.monitor, this.chosen, Date.now());
    }
    async resumeAudit() {
        const { audit } = this;
        if (audit === undefined)
            return;
        audit.resume(this.host.facts.recall()?.audit);
        // What a killed run has stored and not told us as a fact.
        const stored = [];
        await this.journal.recent((record) => {
            if (record.type !== 'line')
                return;
            const text = record.text.toString();
            if (!text.startsWith('{"event":'))
                stored.push({ text, time: record.seen });
        });
        audit.stored(stored);
    }
    async pollAgainAndAgain() {
        const { signal } = this.stopping;
        const { interval } = this.config;
        while (!signal.aborted) {
            const begun = performance.now();
            await this.attempt('clients', () => this.pollClients(signal));
            if (this.audit !== undefined) {
                const { audit } = this;
                await this.attempt('audit', () => this.pollAudit(audit, signal));
            }
            const pause = Math.max(MIN_PAUSE_MS, interval - (performance.now() - begun));
            await delay(pause, undefined, { signal }).catch(() => { });
        }
    }
    async pollClients(signal) {
        const rows = [];
        for await (const page of this.clients.all(signal))
            rows.push(...page);
        const now = Date.now();
        const changes = this.monitor.take(rows, now);
        const lines = changes.map((change) => line(stateRecord(change, this.aliases.get(change.client.row.id), now), now));
        await this.admit(lines, signal);
    }
    async pollAudit(audit, signal) {
        const { records, isTurnedOver } = await audit.poll(signal);
        if (isTurnedOver)
            await this.admit([this.turnedOver(records.length)], signal);
        await this.admit(records.map(({ text, time }) => line(text, time)), signal);
        audit.stored(records);
        if (records.length > 0)
            this.host.facts.keep({ audit: audit.facts() });
    }
    turnedOver(found) {
        const message = `${this.api.place}: the audit log has turned over between two polls: at least one record is missing beside the ${found} that were found; poll more often, raise log.audit.max_filter_size (5000), or read the audit log's file`;
        this.host.log.warn({ input: this.host.name }, message);
        return {
            type: 'note',
            note: {
                action: 'input-gap',
                seen: Date.now(),
                reason: 'audit_turnover',
                message,
                fields: { 'mqtt.probe.input.name': this.host.name },
            },
        };
    }
    /** Resolves when the records are safe. */
    async admit(records, signal) {
        let kept;
        for (const record of records) {
            kept = this.journal.append(record);
            while (kept === undefined) {
                await this.journal.room(signal);
                kept = this.journal.append(record);
            }
        }
        await kept;
    }
    async attempt(part, act) {
        try {
            await act();
        }
        catch (error) {
            if (this.stopping.signal.aborted)
                return;
            if (!(error instanceof RetryableError))
                throw error;
            const advice = part === 'audit' ? auditAdvice(error) : undefined;
            this.report(part, advice === undefined ? error.message : `${error.message}: ${advice}`);
            return;
        }
        if (this.troubles.delete(part) && this.told.delete(part))
            this.host.log.info({ input: this.host.name }, `${part} are polled again`);
    }
    report(part, problem) {
        this.troubles.set(part, problem);
        const last = this.told.get(part);
        if (last?.text === problem && Date.now() - last.at < REPEAT_MS) {
            last.count++;
            return;
        }
        const repeated = last?.count ?? 0;
        this.host.log.error({ input: this.host.name, ...(repeated > 0 && { repeated }) }, problem);
        this.told.set(part, { text: problem, at: Date.now(), count: 0 });
    }
}
/** @param seen milliseconds since 1970 */
function line(text, seen) {
    return { type: 'line', seen, text: Buffer.from(text) };
}
