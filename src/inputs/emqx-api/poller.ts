import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError } from '../../core/errors.ts';
import type { Input, InputHost, Series } from '../../core/input.ts';
import { Repeats } from '../../core/log.ts';
import type { Journal, NewRecord } from '../../core/source.ts';
import { EmqxApi } from '../../emqx-api/api.ts';
import { Clients } from '../../emqx-api/clients.ts';
import { aliasesOf, idsOf } from './aliases.ts';
import { AuditFollower, type AuditRecord, auditAdvice } from './audit.ts';
import { accessOf, type EmqxApiInputConfig } from './config.ts';
import { type ClientChange, ClientMonitor } from './monitor.ts';
import { stateRecord } from './record.ts';
import { type SeriesOptions, seriesOf } from './series.ts';

/** Pause at least, also when a poll takes longer than the interval. */
const MIN_PAUSE_MS = 500;

type Part = 'clients' | 'audit';

/** Polls the REST API of an EMQX: what has changed of its clients becomes events, and its audit log, where it is asked for. */
export class ApiPoller implements Input {
  private readonly config: EmqxApiInputConfig;
  private readonly host: InputHost;
  private readonly journal: Journal;
  private readonly api: EmqxApi;
  private readonly clients: Clients;
  private readonly monitor = new ClientMonitor();
  private readonly audit: AuditFollower | undefined;
  private readonly aliases: ReadonlyMap<string, string>;
  private readonly chosen: SeriesOptions;
  private readonly stopping = new AbortController();
  private readonly troubles = new Map<Part, string>();
  private readonly repeats = new Repeats();
  private polling: Promise<void> | undefined;

  /** @throws UsageError when `clients_file` cannot be used */
  constructor(config: EmqxApiInputConfig, host: InputHost) {
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
    this.audit = config.audit ? new AuditFollower(this.api, host.original) : undefined;
    this.journal = host.journal();
    this.troubles.set('clients', 'not polled yet');
  }

  async start(): Promise<void> {
    if (this.config.tls?.verify === false)
      this.host.log.warn(
        { input: this.host.name },
        'tls.verify is false: the certificate of the API is not looked at',
      );
    await this.resumeAudit();
    this.polling = this.pollAgainAndAgain();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.polling;
    this.api.close();
  }

  problems(): readonly string[] {
    return [...this.troubles.values()];
  }

  series(): readonly Series[] {
    return seriesOf(this.monitor, this.chosen, Date.now());
  }

  private async resumeAudit(): Promise<void> {
    const { audit } = this;
    if (audit === undefined) return;
    audit.resume(this.host.facts.recall()?.audit);
    // What a killed run has stored and not told us as a fact.
    const stored: AuditRecord[] = [];
    await this.journal.recent((record) => {
      if (record.type !== 'line') return;
      const text = record.text.toString();
      if (!text.startsWith('{"event":')) stored.push({ text, time: record.seen });
    });
    audit.stored(stored);
  }

  private async pollAgainAndAgain(): Promise<void> {
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
      await delay(pause, undefined, { signal }).catch(() => {});
    }
  }

  private async pollClients(signal: AbortSignal): Promise<void> {
    const { monitor } = this;
    let safe: Promise<void> | undefined;
    const tell = async (changes: readonly ClientChange[], now: number): Promise<void> => {
      const { kept } = await this.admit(this.linesOf(changes, now), signal);
      safe = kept ?? safe;
    };
    monitor.begin();
    for await (const page of this.clients.all(signal)) {
      const now = Date.now();
      await tell(monitor.page(page, now), now);
    }
    const now = Date.now();
    await tell(monitor.end(now), now);
    await safe;
  }

  private *linesOf(changes: readonly ClientChange[], now: number): Generator<NewRecord> {
    for (const change of changes)
      yield line(stateRecord(change, this.aliases.get(change.client.row.id), now), now);
  }

  private async pollAudit(audit: AuditFollower, signal: AbortSignal): Promise<void> {
    const { records, isTurnedOver } = await audit.poll(signal);
    if (isTurnedOver) await this.admit([this.turnedOver(records.length)], signal);
    const lines = records.map(({ text, time }) => line(text, time));
    const { kept } = await this.admit(lines, signal);
    await kept;
    audit.stored(records);
    if (records.length > 0) this.host.facts.keep({ audit: audit.facts() });
  }

  private turnedOver(found: number): NewRecord {
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

  /** Resolves when the records are admitted; `kept` when they are safe. */
  private async admit(
    records: Iterable<NewRecord>,
    signal: AbortSignal,
  ): Promise<{ readonly kept: Promise<void> | undefined }> {
    let kept: Promise<void> | undefined;
    for (const record of records) {
      kept = this.journal.append(record);
      while (kept === undefined) {
        await this.journal.room(signal);
        kept = this.journal.append(record);
      }
    }
    return { kept };
  }

  private async attempt(part: Part, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      if (!(error instanceof RetryableError)) throw error;
      const advice = part === 'audit' ? auditAdvice(error) : undefined;
      this.report(part, advice === undefined ? error.message : `${error.message}: ${advice}`);
      return;
    }
    if (this.troubles.delete(part) && this.repeats.forget(part))
      this.host.log.info({ input: this.host.name }, `${part} are polled again`);
  }

  private report(part: Part, problem: string): void {
    this.troubles.set(part, problem);
    const fields = this.repeats.next(part, problem);
    if (fields !== undefined) this.host.log.error({ input: this.host.name, ...fields }, problem);
  }
}

/** @param seen milliseconds since 1970 */
function line(text: string, seen: number): NewRecord {
  return { type: 'text', seen, text };
}
