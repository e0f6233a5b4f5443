import { z } from 'zod';
import { CONTAINERS } from './containers.ts';
import { filterShape } from './filters.ts';
import { count, duration, list, size, sizeFrom } from './units.ts';

/** `data_stream.namespace`. */
export const namespace = z
  .string()
  .max(100, 'at most 100 characters')
  .regex(/^[^\\/*?"<>| ,#:A-Z-]+$/, 'no upper case, blank, hyphen or any of \\ / * ? " < > | , # :')
  .meta({ description: 'data_stream.namespace' });
const labels = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'write a name of letters, digits and _ only'),
    z.union([z.string(), z.number(), z.boolean()], { error: 'write a text' }).transform(String),
  )
  .meta({ description: 'labels.* of every event', examples: [{ site: 'berlin' }] });
const host = z.string().min(1).meta({ description: "host.name: the broker's host; default: this machine" });
const name = z
  .string()
  .min(1)
  .meta({ description: 'service.name: the broker', examples: ['plant-a'] });

const whenFull = z.enum(['block', 'drop_oldest']);

/** Keys of every input. */
export const inputShape = {
  ...filterShape,
  broker: z
    .string()
    .optional()
    .meta({ description: 'How the broker speaks', examples: ['mosquitto', 'emqx'] }),
  name: name.optional(),
  labels: labels.optional(),
  host: host.optional(),
  namespace: namespace.optional(),
  when_full: whenFull.optional().meta({
    description:
      'What to do when the spool is full: hold this input, or drop its oldest records; default: spool.when_full',
  }),
};

/** Keys of the inputs that read log lines. */
export const framingShape = {
  container: z
    .enum(CONTAINERS)
    .default('auto')
    .meta({
      description:
        'What stands around each line: docker and cri are the files of container runtimes, syslog is RFC 3164 and 5424, ' +
        'journald is journalctl -o json, timestamps and prefix are what docker logs and kubectl logs print; auto: told by the first line',
    }),
  program: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        "Program (syslog, journald) or container (prefix) that is the broker; records of others are only counted; default: the broker's name, and every container",
      examples: ['mosquitto*'],
    }),
};

/** Without a least value the probe would do nothing else. */
const pause = duration.refine((ms) => ms >= 10, 'write at least "10ms"');

const spool = z.strictObject({
  size: sizeFrom(2 ** 20, '1MiB')
    .default(10 * 2 ** 30)
    .meta({ description: 'Limit of all that waits for the outputs on disk' }),
  sync: duration.default(50).meta({
    description: 'Longest time for which a record that nobody waits for (QoS 0) is not on disk',
  }),
  when_full: whenFull.default('block').meta({ description: 'Hold the inputs, or drop the oldest records' }),
});

const OWN_ADDRESS =
  'write an address and a port such as "127.0.0.1:9641" ("0.0.0.0:9641": every one), or "off"';

const telemetry = z.strictObject({
  listen: z
    .string({ error: OWN_ADDRESS })
    .refine(
      (text) =>
        text === 'off' || (/^[^*/\s]+:\d{1,5}$/.test(text) && Number(text.split(':').at(-1)) < 65_536),
      OWN_ADDRESS,
    )
    .default('127.0.0.1:9641')
    .meta({ description: 'Address of /health, /metrics and /status; "off": none' }),
  hosts: list
    .default([])
    .meta({ description: 'Names besides localhost and IP addresses that a Host header may carry' }),
  log: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta({ description: "Level of the probe's own log" }),
});

const hash = z.literal('hash', { error: 'write "hash"' }).optional();
const privacy = z
  .strictObject({
    client_id: hash.meta({ description: 'Client identifiers become keyed digests' }),
    user: hash.meta({ description: 'User names become keyed digests' }),
    topic: hash.meta({ description: 'Topics and filters become keyed digests' }),
    ip: z
      .literal('truncate', { error: 'write "truncate"' })
      .optional()
      .meta({ description: 'Addresses of clients lose their last part (IPv4: 8 bits, IPv6: 80)' }),
    key_file: z.string().optional().meta({
      description:
        'Secret of the digests, and of what is kept on disk: at least 32 bytes, for example of: openssl rand -hex 32',
    }),
    old_key_files: list.default([]).meta({
      description: 'Secrets of earlier times: what was kept on disk with them can still be read',
    }),
  })
  .superRefine(({ client_id, user, topic, ip, key_file }, context) => {
    if (key_file !== undefined || (client_id ?? user ?? topic ?? ip) === undefined) return;
    const message =
      'digests, and what is kept on disk, need a secret; make one with "openssl rand -hex 32 > privacy.key" and write key_file: privacy.key';
    context.addIssue({ code: 'custom', message });
  });

/** The top level, with inputs and outputs left to the schemas of their types. */
export const topLevel = z.strictObject({
  name: name.optional(),
  labels: labels.default({}),
  host: host.optional(),
  namespace: namespace.default('default'),
  state: z.string().min(1).default('/var/lib/brokertap').meta({
    description:
      'Directory of positions, spool and dead letters; one probe each. Relative paths, here and elsewhere, begin at the directory of the configuration file',
  }),
  inputs: z
    .record(z.string(), z.unknown())
    .meta({ description: 'What is read: settings of an input, by its name' }),
  outputs: z
    .record(z.string(), z.unknown())
    .meta({ description: 'Where events go: settings of an output, by its name' }),
  spool: spool.prefault({}).meta({ description: 'What waits for the outputs on disk' }),
  dead_letters: z
    .strictObject({
      size: size
        .default(1024 * 1024 * 1024)
        .meta({ description: 'Largest file of what one output has refused for good; when full, it stops' }),
    })
    .prefault({})
    .meta({ description: 'What outputs have refused for good' }),
  save: pause.default(1000).meta({ description: 'Pause between two saves of the positions' }),
  heartbeat: pause.default(60_000).meta({ description: 'Pause between two heartbeat events' }),
  topic_root: count(1, 16).default(2).meta({ description: 'Levels of mqtt.topic_root' }),
  privacy: privacy.optional().meta({ description: 'What is hidden in events and on disk; default: nothing' }),
  join: duration.default(2000).meta({
    description:
      'How long a mirrored message waits for the log line that names its publisher; 0s: not at all',
  }),
  telemetry: telemetry.prefault({}).meta({ description: 'What the probe tells of itself' }),
});

export type TopLevel = z.infer<typeof topLevel>;
