import { hostname } from 'node:os';
import type { Config } from '../config/load.ts';
import type { Dialect, StreamInfo } from '../core/dialect.ts';
import type { Logger } from '../core/log.ts';
import { capturePayload, type PayloadPolicy } from '../core/mqtt/payload.ts';
import { matchesFilter } from '../core/mqtt/topic.ts';
import { clientIdOf } from '../inputs/mqtt/client-id.ts';
import { compileFilter } from '../inputs/mqtt/session/filters.ts';
import { MirrorReader } from '../pipeline/normalizer/mirror.ts';
import type { Reading } from '../pipeline/normalizer/reading.ts';
import type { InputConfig } from '../registry.ts';
import { envelope } from './envelope.ts';
import type { Surroundings } from './surroundings.ts';

/** How the records of an input are read. */
export function readingOf(
  input: string,
  settings: InputConfig,
  around: Surroundings,
  dialect: Dialect,
): Reading {
  const { config, identity } = around;
  const service = serviceOf(settings, config);
  const partners = Object.entries(config.inputs).filter(([, other]) => serviceOf(other, config) === service);
  const clients = partners.flatMap(([name, other]) =>
    other.type === 'mqtt' ? [{ id: idOf(name, other, around), traffic: other.own_traffic }] : [],
  );
  // Polls tell nothing of messages.
  const hasLog = partners.some(([, { type }]) => type !== 'mqtt' && type !== 'emqx-api');
  const tailed = partners.find(([, { type }]) => type === 'file')?.[0];
  const labels = { ...config.labels, ...settings.labels };
  return {
    dialect: owning(dialect, settings.type === 'mqtt' ? (settings.events ?? []) : []),
    stream: streamOf(
      settings,
      clients.map(({ id }) => id),
      config.topic_root,
    ),
    original: 'original' in settings && settings.original,
    privacy: around.privacy,
    leftOut: new Set(clients.filter(({ traffic }) => traffic === 'drop').map(({ id }) => id)),
    ...(config.join > 0 &&
      clients.length > 0 &&
      hasLog && { join: { broker: service, waitMs: config.join } }),
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
    ignoreLogTopics: tailed !== undefined && !wantsLogTopics(input, settings, tailed, around.log),
    ...(settings.type === 'mqtt' && { mirror: mirrorOf(input, settings, around, labels) }),
  };
}

/** What a session may know about the input. @param ownClients client ids of the probe's own connections */
function streamOf(settings: InputConfig, ownClients: readonly string[], topicRoot: number): StreamInfo {
  return {
    ownClients: new Set(ownClients),
    topicRoot,
    ...('timezone' in settings && settings.timezone !== undefined && { timezone: settings.timezone }),
    ...('stamp' in settings && settings.stamp !== undefined && { stamp: settings.stamp }),
    ...('fields' in settings && settings.fields !== undefined && { fields: settings.fields }),
    ...('payload' in settings && captures(settings.payload) && { payload: captureBy(settings.payload) }),
  };
}

/** Client identifier of a mirror. */
function idOf(input: string, settings: InputConfig & { type: 'mqtt' }, { store }: Surroundings): string {
  return clientIdOf(settings, hostname(), input, store.facts(input).recall());
}

/** Makes the reader of what a mirror receives. */
function mirrorOf(
  input: string,
  settings: InputConfig & { type: 'mqtt' },
  around: Surroundings,
  labels: Readonly<Record<string, string>>,
): NonNullable<Reading['mirror']> {
  const { payload, topics } = settings;
  const { topic_root: topicRoot } = around.config;
  const client = idOf(input, settings, around);
  const levels = topics.map(({ filter }) => compileFilter(filter)).filter((one) => one.labels.length > 0);
  return (emit, correlation) =>
    new MirrorReader(
      { payload, topicRoot, levels, labels },
      emit,
      correlation && ((message, asked) => correlation.find(client, message, asked)),
    );
}

/** The log topics are listed themselves, though the log is read already: a warning tells it. */
function wantsLogTopics(input: string, settings: InputConfig, tailed: string, log: Logger): boolean {
  if (settings.type !== 'mqtt') return false;
  const isListed = settings.topics.some(({ filter }) => filter.startsWith('$SYS/broker/log/'));
  if (isListed)
    log.warn(
      { input },
      `lines of the broker's log come twice: from its log topics, which are listed here, and from the input ${tailed}`,
    );
  return isListed;
}

/** The dialect reads messages of these topics too. */
function owning(dialect: Dialect, filters: readonly string[]): Dialect {
  if (filters.length === 0) return dialect;
  const owns = (topic: string): boolean =>
    dialect.owns?.(topic) === true || filters.some((filter) => matchesFilter(filter, topic));
  return { ...dialect, owns };
}

/** How the payloads that the broker's own records hold are kept. */
function captureBy(policy: PayloadPolicy): NonNullable<StreamInfo['payload']> {
  return (payload, isCut) => capturePayload(payload, policy, isCut);
}

function captures({ capture, decode }: PayloadPolicy): boolean {
  return capture !== 'none' || decode !== undefined;
}

/** The broker that an input belongs to. */
export function serviceOf(settings: InputConfig, config: Config): string {
  return settings.name ?? config.name ?? settings.broker;
}
