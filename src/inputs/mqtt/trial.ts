import type { MqttClient } from 'mqtt';
import { BlockedError, reasonOf } from '../../core/errors.ts';
import type { MqttInputConfig } from './config.ts';
import { connectMirror } from './connection/connect.ts';
import { failureWords } from './connection/failure.ts';
import { Subscriptions } from './session/subscriptions.ts';

const TIMEOUT_MS = 10_000;

/** What a broker says to a mirror. */
interface Trial {
  /** Why it does not get in; undefined: it does. */
  readonly failure: string | undefined;
  /** Filters that it may not subscribe to, with what to do; one sentence each. */
  readonly refused: readonly string[];
}

/**
 * Connects and subscribes as a mirror would, without a session that stays behind; where 3.1.1 does not work with the bridge
 * bit, without it.
 * @param clientId one of its own: the running probe's connection is left alone
 * @throws BlockedError when a file of the settings cannot be read
 */
export async function tryMirror(settings: MqttInputConfig, clientId: string): Promise<Trial> {
  const trial = await tryOnce(settings, clientId, true);
  if (trial.failure === undefined || settings.protocol === 5) return trial;
  const plain = await tryOnce(settings, clientId, false);
  return plain.failure === undefined ? plain : trial;
}

async function tryOnce(settings: MqttInputConfig, clientId: string, asBridge: boolean): Promise<Trial> {
  let client: MqttClient;
  try {
    ({ client } = connectMirror({ ...settings, session_expiry: 0 }, clientId, true, asBridge));
  } catch (error) {
    if (error instanceof BlockedError) throw error;
    return { failure: failureWords(error), refused: [] };
  }
  const subscriptions = new Subscriptions(settings);
  const failure = await new Promise<string | undefined>((resolve) => {
    client.once('connect', (connack) => {
      subscriptions.bring(client, connack).then(
        () => resolve(undefined),
        (error: unknown) => resolve(`cannot subscribe: ${reasonOf(error)}`),
      );
    });
    client.once('error', (error) => resolve(failureWords(error)));
    client.once('close', () => resolve(failureWords(undefined)));
    setTimeout(() => resolve(`no answer within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS).unref();
  });
  client.on('error', () => {});
  client.end(true);
  return { failure, refused: subscriptions.refused };
}
