import type { Row } from './tables.ts';

/** An answer of the API. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export function refusal(status: number, code: string, message: string): Reply {
  return { status, body: { code, message } };
}

const DEFAULTS: Readonly<Record<string, Row>> = {
  connectors: {
    enable: true,
    pool_size: 8,
    pool_type: 'random',
    resource_opts: { health_check_interval: '15s' },
  },
  actions: {
    enable: true,
    resource_opts: { health_check_interval: '15s', query_mode: 'async', request_ttl: '45s' },
  },
  rules: { enable: true, description: '', actions: [] },
};

/**
 * Connectors, actions and rules as EMQX 5.8 keeps them: what exists cannot be made again, an answer has defaults and states
 * added and secrets replaced, and what others depend on cannot be deleted.
 */
export class DataIntegration {
  readonly tables: Readonly<Record<string, Map<string, Row>>> = {
    connectors: new Map(),
    actions: new Map(),
    rules: new Map(),
  };
  /** Changes so far. */
  changes = 0;

  /** Undefined: the path is none of these. */
  handle(method: string, table: string, id: string | undefined, given: Row): Reply | undefined {
    const rows = this.tables[table];
    if (rows === undefined) return undefined;
    if (id === undefined) {
      const list = [...rows.values()];
      // Rules come in pages, the others all at once.
      const body = table === 'rules' ? { data: list, meta: { page: 1, hasnext: false } } : list.map(shown);
      if (method === 'GET') return { status: 200, body };
      return method === 'POST' ? this.create(table, rows, given) : undefined;
    }
    const known = rows.get(id);
    if (known === undefined) return refusal(404, 'NOT_FOUND', `${table} ${id} not found`);
    if (method === 'GET') return { status: 200, body: table === 'rules' ? known : shown(known) };
    if (method === 'PUT') {
      if ('type' in given || 'name' in given)
        return refusal(400, 'BAD_REQUEST', 'unknown field type or name');
      this.changes++;
      const { type, name, id: ruleId } = known;
      const row = {
        ...DEFAULTS[table],
        ...(table === 'rules' && known),
        ...given,
        ...identity({ type, name, id: ruleId }),
      };
      rows.set(id, row);
      return { status: 200, body: shown(row) };
    }
    return method === 'DELETE' ? this.delete(table, rows, id) : undefined;
  }

  private create(table: string, rows: Map<string, Row>, body: Row): Reply {
    const id = table === 'rules' ? String(body.id) : `${body.type}:${body.name}`;
    if (rows.has(id)) return refusal(400, 'ALREADY_EXISTS', `${id} already exists`);
    if (table === 'actions' && !this.tables.connectors?.has(`http:${body.connector}`))
      return refusal(400, 'BAD_REQUEST', 'connector not found');
    if (table === 'rules' && !/^\s*SELECT /i.test(String(body.sql)))
      return refusal(400, 'BAD_REQUEST', 'bad sql');
    this.changes++;
    const row = { ...DEFAULTS[table], ...body };
    rows.set(id, row);
    return { status: 201, body: shown(row) };
  }

  private delete(table: string, rows: Map<string, Row>, id: string): Reply {
    const { rules, actions } = this.tables;
    if (
      table === 'actions' &&
      [...(rules?.values() ?? [])].some((rule) => (rule.actions as unknown[]).includes(id))
    )
      return refusal(400, 'BAD_REQUEST', 'Cannot delete action while active rules are depending on it');
    if (
      table === 'connectors' &&
      [...(actions?.values() ?? [])].some(({ connector }) => `http:${connector}` === id)
    )
      return refusal(400, 'BAD_REQUEST', 'Cannot delete connector while there are active channels defined');
    this.changes++;
    rows.delete(id);
    return { status: 204 };
  }
}

function identity(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

function shown(row: Row): Row {
  const copy: Row = structuredClone(row);
  const { headers } = (copy.parameters ?? {}) as { headers?: Row };
  if (headers?.authorization !== undefined) headers.authorization = '******';
  return { ...copy, status: 'connected', node_status: [{ node: 'emqx@10.20.0.1', status: 'connected' }] };
}
