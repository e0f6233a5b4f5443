import { hostname } from 'node:os';
import type { Config } from '../config/load.ts';
import type { Dialect, StreamInfo } from '../core/dialect.ts';
import type { Logger } from '../core/log.ts';
import { capturePayload, type PayloadPolicy } from '../core/mqtt/payload.ts';
import { matchesFilter } from '../core/mqtt/topic.ts';
import { type InputType, inputs as inputTypes } from '../inputs/index.ts';
import type { Subscriber } from '../inputs/subscriber.ts';
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
  const subscribers = partners.flatMap(([name, other]) => subscriberOf(name, other, around) ?? []);
  const tailed = partners.find(([, other]) => typeOf(other).brings === 'log-files')?.[0];
  const hasLog = tailed !== undefined || partners.some(([, other]) => typeOf(other).brings === 'log');
  const subscriber = subscriberOf(input, settings, around);
  const labels = { ...config.labels, ...settings.labels };
  return {
    dialect: owning(dialect, subscriber?.events ?? []),
    stream: streamOf(
      settings,
      subscribers.map(({ clientId }) => clientId),
      config.topic_root,
    ),
    original: 'original' in settings && settings.original,
    privacy: around.privacy,
    leftOut: new Set(subscribers.filter(({ isLeftOut }) => isLeftOut).map(({ clientId }) => clientId)),
    ...(config.join > 0 &&
      subscribers.length > 0 &&
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
    ignoreLogTopics: tailed !== undefined && !wantsLog(input, subscriber, tailed, around.log),
    ...(subscriber && { mirror: mirrorOf(subscriber, config.topic_root, labels) }),
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

function typeOf({ type }: InputConfig): InputType {
  return inputTypes[type];
}

function subscriberOf(input: string, settings: InputConfig, { store }: Surroundings): Subscriber | undefined {
  return typeOf(settings).subscriber?.(settings as never, input, store.facts(input).recall());
}

/** Makes the reader of what a subscriber receives. */
function mirrorOf(
  { clientId, labelled, payload }: Subscriber,
  topicRoot: number,
  labels: Readonly<Record<string, string>>,
): NonNullable<Reading['mirror']> {
  return (emit, correlation) =>
    new MirrorReader(
      { payload, topicRoot, levels: labelled, labels },
      emit,
      correlation && ((message, asked) => correlation.find(clientId, message, asked)),
    );
}

/** The log was asked for here too, though it is read already: a warning tells it. */
function wantsLog(input: string, subscriber: Subscriber | undefined, tailed: string, log: Logger): boolean {
  const isAsked = subscriber?.wantsLog === true;
  if (isAsked)
    log.warn(
      { input },
      `lines of the broker's log come twice: from its log topics, which are listed here, and from the input ${tailed}`,
    );
  return isAsked;
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
