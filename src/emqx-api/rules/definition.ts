import type { JsonObject } from '../../core/event.ts';
import { isSince, RULE_EVENTS, type RuleEvent } from './events.ts';
import { type LeftOut, sqlOf } from './sql.ts';

/** What is to be made at the broker. */
export interface RuleSetOptions {
  /** Name of connector and action; rules begin with it. */
  readonly name: string;
  /** The probe's input of type `http`; undefined: the keys that tell of it are left out. */
  readonly target: URL | undefined;
  /** Value of the Authorization header; undefined: none. */
  readonly authorization: string | undefined;
  /** Path of the authority's certificate on the broker's machines; undefined: any certificate is taken. */
  readonly ca: string | undefined;
  readonly leftOut: LeftOut;
  /** Version of the broker; undefined: every event is named. */
  readonly version: readonly number[] | undefined;
  /** Which events. */
  readonly wants: (event: RuleEvent) => boolean;
}

/** One thing to be made: where it is in the API and in the configuration file. */
export interface Definition {
  readonly table: 'connectors' | 'actions' | 'rules';
  /** Id in the paths of the API. */
  readonly id: string;
  /** Keys that only a POST has. */
  readonly identity: JsonObject;
  readonly body: JsonObject;
  /** Place in `emqx.conf`. */
  readonly path: readonly string[];
}

const TYPE = 'http';
const DESCRIPTION = 'Made by brokertap: events for the probe';

/** Connector, action and rules, in the order in which they can be made. */
export function ruleSet(options: RuleSetOptions): Definition[] {
  const { name, target, version, wants, leftOut } = options;
  const events = RULE_EVENTS.filter(
    (event) => wants(event) && (version === undefined || isSince(version, event.since)),
  );
  const rule = (part: string, some: readonly RuleEvent[]): Definition[] => {
    if (some.length === 0) return [];
    const id = `${name}_${part}`;
    return [
      {
        table: 'rules',
        id,
        identity: { id },
        path: ['rule_engine', 'rules', id],
        body: {
          enable: true,
          description: DESCRIPTION,
          sql: sqlOf(some, leftOut),
          actions: [`${TYPE}:${name}`],
        },
      },
    ];
  };
  return [
    {
      table: 'connectors',
      id: `${TYPE}:${name}`,
      identity: { type: TYPE, name },
      path: ['connectors', TYPE, name],
      body: {
        enable: true,
        description: DESCRIPTION,
        ...(target !== undefined && { url: target.origin }),
        ...(target?.protocol === 'https:' && { ssl: sslOf(options) }),
      },
    },
    {
      table: 'actions',
      id: `${TYPE}:${name}`,
      identity: { type: TYPE, name },
      path: ['actions', TYPE, name],
      body: {
        enable: true,
        description: DESCRIPTION,
        connector: name,
        parameters: {
          method: 'post',
          ...(target !== undefined && { path: target.pathname + target.search }),
          headers: {
            'content-type': 'application/json',
            ...(options.authorization !== undefined && { authorization: options.authorization }),
          },
          // The whole event.
          body: '${.}',
        },
        // While the probe is away events wait in the broker's memory; by default they would be dropped after 45 s.
        resource_opts: { request_ttl: 'infinity', max_buffer_bytes: '256MB', query_mode: 'async' },
      },
    },
    ...rule(
      'events',
      events.filter(({ ofMessage }) => !ofMessage),
    ),
    ...rule(
      'messages',
      events.filter(({ ofMessage }) => ofMessage),
    ),
  ];
}

function sslOf({ ca }: RuleSetOptions): JsonObject {
  return ca === undefined
    ? { enable: true, verify: 'verify_none' }
    : { enable: true, verify: 'verify_peer', cacertfile: ca };
}
