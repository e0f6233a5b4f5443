import { action, and, exists } from '../../questions/query/query.ts';
import type { Rule } from './rule.ts';

/** What stands in for the jobs of machine learning where the licence has none: coarser, and off until wanted. */
export const TWIN_RULES: readonly Rule[] = [
  {
    id: 'twin-connect-surge',
    name: 'far more connects than usual',
    view: 'mqtt-connection',
    where: action('client-connected'),
    trigger: { kind: 'surge', by: 'service.name', factor: 3, atLeast: 50, minutes: 15, hours: 24 },
    advice:
      'Three times as many connects in 15 minutes as on average of the last day. After a restart of the broker that is normal; else look for clients that flap, or a network that came back.',
    dashboard: 'mqtt-connections',
    off: true,
  },
  {
    id: 'twin-new-client-from-address',
    name: 'an address brings a new client',
    view: 'mqtt-connection',
    where: and(action('client-connected'), exists('mqtt.client.id')),
    trigger: { kind: 'fresh', who: 'mqtt.client.id', within: 'source.ip', minutes: 60, days: 7 },
    advice:
      'From an address that is known a client came that was not seen there in 7 days: a new device, or an account used elsewhere.',
    dashboard: 'mqtt-connections',
    off: true,
    security: true,
  },
  {
    id: 'twin-new-disconnect-reason',
    name: 'a reason of disconnects that was not there before',
    view: 'mqtt-connection',
    where: action('client-disconnected'),
    trigger: { kind: 'fresh', who: 'event.reason', within: 'service.name', minutes: 60, days: 7 },
    advice:
      'Clients of this broker leave for a reason that did not occur in 7 days: what changed in the last hour?',
    dashboard: 'mqtt-connections',
    off: true,
  },
  {
    id: 'twin-message-surge',
    name: 'far more messages than usual below a topic',
    view: 'mqtt-message',
    where: action('message-published'),
    trigger: { kind: 'surge', by: 'mqtt.topic_root', factor: 3, atLeast: 500, minutes: 15, hours: 24 },
    advice:
      'Three times as many messages below this topic root as on average of the last day: a loop, a device gone wild, or a batch that somebody started.',
    dashboard: 'mqtt-traffic',
    off: true,
  },
  {
    id: 'twin-payload-surge',
    name: 'far larger messages than usual below a topic',
    view: 'mqtt-message',
    where: action('message-published'),
    trigger: {
      kind: 'surge',
      by: 'mqtt.topic_root',
      average: 'mqtt.payload.size',
      factor: 3,
      atLeast: 1024,
      minutes: 15,
      hours: 24,
    },
    advice:
      'The average payload below this topic root is three times the usual: a new format, or a client that sends what does not belong there.',
    dashboard: 'mqtt-traffic',
    off: true,
  },
  {
    id: 'twin-silent-client',
    name: 'a client publishes no more',
    view: 'mqtt-message',
    where: and(action('message-published'), exists('mqtt.client.id')),
    trigger: { kind: 'quiet', by: 'mqtt.client.id', minutes: 60, hours: 24 },
    advice:
      'A client that published within the last day has not done so for an hour: open it and see how its last connection ended. Where devices sleep longer, raise the hour.',
    dashboard: 'mqtt-client',
    off: true,
  },
  {
    id: 'twin-new-topic-of-client',
    name: 'a client writes a topic it never wrote',
    view: 'mqtt-message',
    where: and(action('message-published'), exists('mqtt.client.id')),
    trigger: { kind: 'fresh', who: 'mqtt.topic', within: 'mqtt.client.id', minutes: 60, days: 7 },
    advice:
      'A known client published to a topic that it did not write in 7 days: a new version of its program, or somebody else with its account.',
    dashboard: 'mqtt-client',
    off: true,
    security: true,
  },
  {
    id: 'twin-subscription-breadth',
    name: 'a client subscribes to very many filters',
    view: 'mqtt-access',
    where: action('subscription-added', 'subscription-requested', 'subscribe-denied'),
    trigger: {
      kind: 'breadth',
      by: 'mqtt.client.id',
      different: 'mqtt.subscription.filter',
      over: 50,
      minutes: 60,
    },
    advice:
      'More than 50 different filters of one client in an hour: it looks for what is there. If it is no gateway, disconnect it and look at what it got.',
    dashboard: 'mqtt-client',
    off: true,
    security: true,
  },
  {
    id: 'twin-drop-surge',
    name: 'far more drops than usual',
    view: 'mqtt-message',
    where: action('message-dropped'),
    trigger: { kind: 'surge', by: 'service.name', factor: 3, atLeast: 20, minutes: 15, hours: 24 },
    advice:
      'Three times as many drops in 15 minutes as on average of the last day: a receiver fell behind, or a publisher runs wild.',
    dashboard: 'mqtt-traffic',
    off: true,
  },
];
