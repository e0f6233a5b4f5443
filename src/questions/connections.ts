import { action, and, exists, is, or } from './query/query.ts';
import type { Question } from './question.ts';

const lostToAnother = is('event.reason', 'session_taken_over', 'discarded');

/** For counting, a take-over once: Mosquitto logs it by itself, EMQX tells it as the reason of a disconnect. */
export const takenOver = or(action('session-taken-over'), and(action('client-disconnected'), lostToAnother));

/** Who comes, who stays outside, and why they leave. */
export const CONNECTIONS: readonly Question[] = [
  {
    name: 'authentication-failures',
    question: 'Who could not connect, from where, and why?',
    reading:
      'An address with many clients or users guesses; a client that never gets in has an old password. Where the broker logs packets, the refusing CONNACK is listed too.',
    where: or(
      action('client-authentication-failed', 'client-connection-rejected', 'tls-handshake-failed'),
      and(action('packet-sent'), is('mqtt.packet.type', 'connack'), is('event.outcome', 'failure')),
    ),
    columns: [
      'event.action',
      'event.reason',
      'mqtt.reason_code',
      'mqtt.client.id',
      'user.name',
      'source.ip',
      'service.name',
      'message',
    ],
    by: ['source.ip', 'user.name', 'mqtt.client.id', 'event.reason'],
  },
  {
    name: 'logins',
    question: 'Who logged in from where, and who failed?',
    reading: 'Every login with its address and result, operators too; compare the addresses of one user.',
    where: action(
      'client-connected',
      'client-authenticated',
      'client-authentication-failed',
      'client-connection-rejected',
      'audit-login',
    ),
    columns: [
      'event.action',
      'event.outcome',
      'user.name',
      'mqtt.client.id',
      'source.ip',
      'event.reason',
      'service.name',
    ],
    by: ['event.outcome', 'user.name', 'source.ip', 'mqtt.client.id'],
  },
  {
    name: 'client-life',
    question: 'What happened to this client, from the beginning?',
    reading: 'Everything that is known of one client, as sender and as receiver, in its order.',
    where: or(exists('mqtt.client.id'), exists('mqtt.publisher.client.id')),
    needs: 'client',
    columns: [
      'event.action',
      'event.reason',
      'mqtt.client.id',
      'user.name',
      'source.ip',
      'mqtt.topic',
      'mqtt.subscription.filter',
      'service.name',
      'message',
    ],
    by: ['event.action', 'event.reason', 'source.ip', 'user.name'],
    oldestFirst: true,
  },
  {
    name: 'why-disconnected',
    question: 'Why did this client disconnect?',
    reading:
      'keep_alive_timeout and connection_lost speak of the network, session_taken_over of a second client with the same id, not_authorized of rights, protocol_error and malformed_packet of the client program.',
    dataset: 'mqtt.connection',
    where: action('client-disconnected', 'session-taken-over', 'protocol-error'),
    columns: [
      'event.action',
      'event.reason',
      'mqtt.client.id',
      'user.name',
      'source.ip',
      'event.duration',
      'mqtt.protocol_version',
      'service.name',
      'message',
    ],
    by: ['event.reason', 'event.action', 'mqtt.client.id'],
  },
  {
    name: 'sessions-taken-over',
    question: 'Which session was taken over by another connection?',
    reading:
      'The address is that of the connection that lost the session. One client id on two devices comes up again and again. EMQX may tell one take-over twice, and in its plain log only as the reason for which a process ended.',
    where: or(action('session-taken-over'), lostToAnother),
    columns: [
      'mqtt.client.id',
      'user.name',
      'source.ip',
      'event.action',
      'event.reason',
      'event.duration',
      'service.name',
    ],
    by: ['mqtt.client.id', 'source.ip', 'user.name'],
  },
];
