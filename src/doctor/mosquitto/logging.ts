import type { Action } from '../../core/event.ts';
import type { Finding } from '../doctor.ts';
import type { MosquittoConf } from './conf.ts';

/** `log_type` of each kind of line, whether it is there by default, and the events that are lost without it. */
const TYPES: readonly {
  readonly type: string;
  readonly isDefault: boolean;
  readonly severity: 'error' | 'warning';
  readonly lost: readonly Action[];
}[] = [
  {
    type: 'debug',
    isDefault: false,
    severity: 'error',
    lost: [
      'message-published',
      'message-delivered',
      'message-acknowledged',
      'publish-denied',
      'deliver-denied',
      'subscription-requested',
      'will-registered',
      'packet-received',
      'packet-sent',
    ],
  },
  {
    type: 'notice',
    isDefault: true,
    severity: 'error',
    lost: [
      'network-connection-opened',
      'client-connected',
      'client-disconnected',
      'client-authentication-failed',
    ],
  },
  {
    type: 'error',
    isDefault: true,
    severity: 'error',
    lost: ['tls-handshake-failed', 'session-taken-over', 'protocol-error'],
  },
  {
    type: 'subscribe',
    isDefault: false,
    severity: 'error',
    lost: ['subscription-added', 'subscribe-denied'],
  },
  { type: 'unsubscribe', isDefault: false, severity: 'error', lost: ['subscription-removed'] },
  {
    type: 'information',
    isDefault: true,
    severity: 'error',
    lost: [
      'broker-started',
      'broker-stopped',
      'broker-configuration-reloaded',
      'client-connection-rejected',
      'audit-changed',
    ],
  },
  { type: 'warning', isDefault: true, severity: 'warning', lost: ['message-dropped', 'broker-log'] },
];

/** What the running broker's own configuration makes of its log. */
export function checkLogging(conf: MosquittoConf, timezone: string | undefined): Finding[] {
  return [...destination(conf), ...types(conf), ...connections(conf), ...stamps(conf, timezone)];
}

/** The log types that are on, in the order in which the settings say so. */
function typesOf(conf: MosquittoConf): Set<string> {
  const given = conf.all('log_type');
  if (given.length === 0) return new Set(TYPES.filter((t) => t.isDefault).map((t) => t.type));
  const on = new Set<string>();
  for (const { value } of given) {
    const type = value.split(' ')[0] ?? '';
    if (type === 'none') on.clear();
    else if (type === 'all') for (const known of TYPES) on.add(known.type);
    else on.add(type);
  }
  return on;
}

/** Where the log goes: kinds of `log_dest` that count, in order. */
function destinationsOf(conf: MosquittoConf): string[] {
  const given = conf.all('log_dest').map(({ value }) => value);
  const from = given.lastIndexOf('none') + 1;
  if (given.length === 0) return ['stderr'];
  return given.slice(from);
}

/** The file of `log_dest file`. */
export function logFileOf(conf: MosquittoConf): string | undefined {
  return destinationsOf(conf)
    .find((value) => value.startsWith('file '))
    ?.slice('file '.length)
    .trim();
}

function destination(conf: MosquittoConf): Finding[] {
  const kinds = destinationsOf(conf).map((value) => value.split(' ')[0]);
  const file = 'log_dest file /var/log/mosquitto/mosquitto.log';
  if (kinds.length === 0) {
    return [
      {
        check: 'log-destination',
        severity: 'error',
        title: 'The broker writes no log: log_dest none',
        lost: 'Every event that comes from the log.',
        changes: conf.change(['log_dest'], [file]),
      },
    ];
  }
  if (kinds.includes('file')) return [];
  if (kinds.every((kind) => kind === 'topic')) {
    return [
      {
        check: 'log-destination',
        severity: 'error',
        title: 'The log goes to $SYS/broker/log only, which never carries debug lines',
        lost: 'message-published, message-delivered, publish-denied and all other events of packets; everything while the probe is not connected.',
        changes: conf.change([], [file]),
      },
    ];
  }
  if (kinds.includes('syslog')) {
    return [
      {
        check: 'log-destination',
        severity: 'warning',
        title: 'The log goes to syslog, whose daemons drop lines at bursts',
        lost: 'Lines beyond the daemon’s rate limit (journald: 10,000 in 30 s for one service). Write a file, or set RateLimitIntervalSec=0 in journald.conf, SysSock.RateLimit.Interval="0" in rsyslog.conf.',
        changes: conf.change([], [file]),
      },
    ];
  }
  return [
    {
      check: 'log-destination',
      severity: 'note',
      title: `The log goes to ${kinds.join(' and ')} only`,
      lost: 'In a container that is right: read the container’s log. Else write a file.',
      changes: conf.change([], [file]),
    },
  ];
}

function types(conf: MosquittoConf): Finding[] {
  const on = typesOf(conf);
  const missing = TYPES.filter(({ type }) => !on.has(type));
  if (missing.length === 0) return [];
  return [
    {
      check: 'log-types',
      severity: missing.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
      title: `Log types are missing: ${missing.map(({ type }) => type).join(', ')}`,
      lost: missing.map(({ type, lost }) => `Without ${type}: ${lost.join(', ')}.`).join(' '),
      changes: conf.change(['log_type'], ['log_type all']),
    },
  ];
}

function connections(conf: MosquittoConf): Finding[] {
  if (conf.flag('connection_messages', true)) return [];
  return [
    {
      check: 'connection-messages',
      severity: 'error',
      title: 'Connects and disconnects are not logged: connection_messages false',
      lost: 'network-connection-opened, client-connected, client-disconnected, session-taken-over; and with them the address and user of every other event.',
      changes: conf.change(['connection_messages'], ['connection_messages true']),
    },
  ];
}

/** Directives of strftime that name an instant, or the zone of a wall clock. */
const HAS_ZONE = /%(?:[0E_^-]*)[sz]/;
const HAS_DATE = /%[sDFcdejx]/;
const HAS_CLOCK = /%[sTRcHIXr]/;
const ISO_WITH_ZONE = 'log_timestamp_format %Y-%m-%dT%H:%M:%S%z';

function stamps(conf: MosquittoConf, timezone: string | undefined): Finding[] {
  if (!conf.flag('log_timestamp', true)) {
    return [
      {
        check: 'log-stamp',
        severity: 'warning',
        title: 'Log lines have no time: log_timestamp false',
        lost: 'When things happened: events get the time at which they were read, unless a container runtime or syslog stamps the lines.',
        changes: conf.change(['log_timestamp', 'log_timestamp_format'], ['log_timestamp true']),
      },
    ];
  }
  const form = conf.get('log_timestamp_format')?.value;
  if (form === undefined || HAS_ZONE.test(form)) return [];
  const isWhole = HAS_DATE.test(form) && HAS_CLOCK.test(form);
  const isUtc = timezone !== undefined && /^(Etc\/)?(UTC|GMT)$/.test(timezone);
  if (isWhole && isUtc) return [];
  return [
    {
      check: 'log-stamp',
      severity: 'warning',
      title: isWhole
        ? `Log stamps name no zone: log_timestamp_format ${form}`
        : `Log stamps are no whole time: log_timestamp_format ${form}`,
      lost: isWhole
        ? 'One hour a year comes twice, and the times are wrong where the zone of the broker and "timezone" of the input differ.'
        : 'The day or the hour of every event.',
      changes: conf.change(['log_timestamp_format'], [ISO_WITH_ZONE]),
    },
  ];
}
