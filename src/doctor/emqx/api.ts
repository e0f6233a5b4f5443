import { RetryableError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/event.ts';
import { isObject } from '../../core/json/object.ts';
import type { ApiAccess } from '../../emqx-api/access.ts';
import { EmqxApi } from '../../emqx-api/api.ts';
import { isProblem } from '../../emqx-api/problem.ts';
import { isSince, RULE_EVENTS, versionOf } from '../../emqx-api/rules/events.ts';
import type { Finding } from '../doctor.ts';

const PAGE_ROWS = 100;
/** Settings that say what the broker tells. */
const CONFIGS = ['log', 'sys_topics'] as const;

/** What the running broker says. */
export interface ApiFindings {
  readonly findings: Finding[];
  readonly version: string | undefined;
  /** Answers of `/configs/NAME`. */
  readonly configs: Readonly<Record<string, JsonObject>>;
  /** Text of the authorization rules in its file; undefined: not told. */
  readonly acl: string | undefined;
}

/** Asks the broker what it is, what the key may see, and which rules send events. Only reads. */
export async function checkApi(access: ApiAccess): Promise<ApiFindings> {
  const api = new EmqxApi(access);
  const signal = new AbortController().signal;
  try {
    return await new Examination(api, signal).run();
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    const findings: Finding[] = [
      {
        check: 'api',
        severity: 'error',
        title: error.message,
        lost: 'client-state, and everything that could be asked here.',
        changes: [],
      },
    ];
    return { findings, version: undefined, configs: {}, acl: undefined };
  } finally {
    api.close();
  }
}

class Examination {
  private readonly api: EmqxApi;
  private readonly signal: AbortSignal;
  private readonly findings: Finding[] = [];

  constructor(api: EmqxApi, signal: AbortSignal) {
    this.api = api;
    this.signal = signal;
  }

  async run(): Promise<ApiFindings> {
    const family = await this.api.version(this.signal);
    const nodes = await this.ask('nodes', 'nodes', 'The version of the broker.');
    const [node] = Array.isArray(nodes) ? nodes : [];
    const version = isObject(node) && typeof node.version === 'string' ? node.version : undefined;
    await this.allowed(
      'clients',
      () => this.firstPage('clients'),
      'client-state: the input emqx-api sees no clients.',
    );
    if (family === 'v4') return { findings: this.findings, version, configs: {}, acl: undefined };
    await this.audit();
    await this.rules(versionOf(version ?? ''));
    const configs: Record<string, JsonObject> = {};
    for (const name of CONFIGS) {
      const config = await this.ask(
        `configs/${name}`,
        `configs/${name}`,
        `The settings of ${name} were not looked at.`,
        'note',
      );
      if (isObject(config)) configs[name] = config;
    }
    const file = await this.ask('authorization/sources/file', undefined, '');
    const acl = isObject(file) && typeof file.rules === 'string' ? file.rules : undefined;
    return { findings: this.findings, version, configs, acl };
  }

  private async firstPage(path: string): Promise<void> {
    for await (const _ of this.api.pages(path, {}, 1, (row) => row, this.signal)) return;
  }

  private async audit(): Promise<void> {
    try {
      await this.firstPage('audit');
    } catch (error) {
      // Off, or no Enterprise: the settings tell.
      if (isProblem(error, 'not_found', 'refused')) return;
      if (!isProblem(error, 'permission')) throw error;
      this.denied(
        'the audit log',
        error.message,
        'audit-* by "audit: true" of the input emqx-api.',
        'warning',
      );
    }
  }

  /** Which events are sent somewhere by rules that are on. */
  private async rules(version: readonly number[] | undefined): Promise<void> {
    const sqls: string[] = [];
    const look = async (): Promise<void> => {
      for await (const rows of this.api.pages('rules', {}, PAGE_ROWS, (row) => row, this.signal))
        for (const row of rows) {
          const hooks = Array.isArray(row.actions)
            ? row.actions.filter((id) => /^(http|webhook):/.test(String(id)))
            : [];
          if (hooks.length > 0 && row.enable !== false && typeof row.sql === 'string') sqls.push(row.sql);
          if (hooks.length > 0 && row.enable === false)
            this.findings.push({
              check: 'rule-off',
              severity: 'warning',
              title: `Rule ${String(row.id)} is off`,
              lost: 'The events that it would send. Turn it on, or call brokertap emqx rules --apply if it is one of ours.',
              changes: [],
            });
        }
    };
    if (!(await this.allowed('rules', look, 'Which events are sent was not looked at.', 'note'))) return;
    const missing = RULE_EVENTS.filter(
      ({ from, since }) =>
        (version === undefined || isSince(version, since)) && !sqls.some((sql) => isNamed(sql, from)),
    );
    if (missing.length > 0)
      this.findings.push({
        check: 'rules',
        severity: sqls.length === 0 ? 'warning' : 'note',
        title:
          sqls.length === 0
            ? 'No rule sends events by a web hook'
            : `No rule sends ${missing.map(({ name }) => name).join(', ')}`,
        lost: 'These events, unless they come by MQTT: the log has only what went wrong. One command wires the broker: brokertap emqx rules --url http://PROBE:PORT/PATH --apply.',
        changes: [],
      });
    await this.connectors();
  }

  /** Where hooks go to. */
  private async connectors(): Promise<void> {
    const rows = await this.ask(
      'connectors',
      'connectors',
      'Whether web hooks work was not looked at.',
      'note',
    );
    for (const row of Array.isArray(rows) ? rows.filter(isObject) : []) {
      if (
        row.type !== 'http' ||
        row.enable === false ||
        typeof row.status !== 'string' ||
        row.status === 'connected'
      )
        continue;
      this.findings.push({
        check: 'connector',
        severity: 'error',
        title: `Connector ${String(row.name)} to ${String(row.url)} is ${row.status}${typeof row.status_reason === 'string' ? `: ${row.status_reason}` : ''}`,
        lost: 'The events of all rules that use it: does the probe listen there, and does the broker reach it?',
        changes: [],
      });
    }
  }

  /** @param what undefined: nobody needs to know that it may not be asked */
  private async ask(
    path: string,
    what: string | undefined,
    lost: string,
    severity: Finding['severity'] = 'warning',
  ) {
    try {
      return await this.api.get(path, {}, this.signal);
    } catch (error) {
      if (isProblem(error, 'not_found')) return null;
      if (!isProblem(error, 'permission')) throw error;
      if (what !== undefined) this.denied(what, error.message, lost, severity);
      return null;
    }
  }

  /** @returns false: the key may not */
  private async allowed(
    what: string,
    look: () => Promise<void>,
    lost: string,
    severity: Finding['severity'] = 'error',
  ): Promise<boolean> {
    try {
      await look();
      return true;
    } catch (error) {
      if (!isProblem(error, 'permission')) throw error;
      this.denied(what, error.message, lost, severity);
      return false;
    }
  }

  private denied(what: string, message: string, lost: string, severity: Finding['severity']): void {
    this.findings.push({
      check: 'permission',
      severity,
      title: `The key may not read ${what}: ${message}`,
      lost,
      changes: [],
    });
  }
}

/** A rule names an event, by its old or its new topic, or all of them. */
function isNamed(sql: string, from: string): boolean {
  if (sql.includes(`"${from}"`)) return true;
  if (from === '#') return false;
  const [, name = ''] = /^\$events\/(.*)$/.exec(from) ?? [];
  return sql.includes('"$events/#"') || sql.includes(`"$events/${name.replace('_', '/')}"`);
}
