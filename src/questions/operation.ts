import { action, is, not, or } from './query/query.ts';
import type { Question } from './question.ts';

/** What operators did, and how brokers and probes are. */
export const OPERATION: readonly Question[] = [
  {
    name: 'operator-changes',
    question: 'What did this operator change?',
    reading: 'Every operation of an administrator, through dashboard, API, command line or control topic.',
    dataset: 'mqtt.audit',
    where: not(action('audit-accessed')),
    columns: [
      'user.name',
      'mqtt.audit.interface',
      'event.action',
      'mqtt.audit.operation',
      'user.target.name',
      'event.outcome',
      'source.ip',
      'service.name',
    ],
    by: ['user.name', 'source.ip', 'mqtt.audit.operation', 'event.action', 'event.outcome'],
  },
  {
    name: 'broker-problems',
    question: 'What do the brokers complain of?',
    reading: 'Warnings and errors of the brokers, their alarms, and bridges that failed.',
    where: or(
      is('log.level', 'warning', 'error', 'critical', 'alert', 'emergency'),
      action('alarm-raised', 'alarm-cleared', 'bridge-failed'),
    ),
    columns: ['service.name', 'log.level', 'event.action', 'event.code', 'mqtt.alarm.name', 'message'],
    by: ['service.name', 'event.action', 'event.code', 'mqtt.alarm.name'],
  },
  {
    name: 'probe-events',
    question: 'What do the probes say?',
    reading: 'Starts, stops, gaps and refusals of the probes; heartbeats only where something is wrong.',
    dataset: 'mqtt.probe',
    where: or(not(action('probe-heartbeat')), is('mqtt.probe.state', 'degraded', 'blocked')),
    columns: [
      'event.action',
      'agent.name',
      'mqtt.probe.state',
      'event.reason',
      'mqtt.probe.input.name',
      'error.message',
      'message',
    ],
    by: ['agent.name', 'event.action', 'event.reason', 'mqtt.probe.input.name'],
  },
];
