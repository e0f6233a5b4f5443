import { action, exists } from '../../questions/query/query.ts';
import { count, type Dashboard, number, unique } from '../panel.ts';

/** Everything about one client: where a click on a client leads. */
export const client: Dashboard = {
  id: 'mqtt-client',
  title: 'MQTT: one client',
  description: 'Everything about one client: choose it above, or come here by a click on a client elsewhere.',
  view: 'mqtt-logs',
  controls: [
    { field: 'mqtt.client.id', title: 'Client' },
    { field: 'service.name', title: 'Broker' },
    { field: 'event.action', title: 'Event' },
  ],
  panels: [
    {
      id: 'life',
      title: 'Life of the client',
      question: 'What did the client do, and when did that change?',
      view: 'mqtt-logs',
      where: exists('mqtt.client.id'),
      chart: { type: 'timeline', style: 'bar_stacked', of: [count('events')], by: 'event.action' },
      width: 48,
      height: 12,
    },
    {
      id: 'identities',
      title: 'Addresses and users',
      question:
        'From which addresses and as which users did it connect? More than one of both: is the id used twice?',
      view: 'mqtt-connection',
      where: action('client-connected'),
      chart: {
        type: 'table',
        rows: ['source.ip', 'user.name'],
        of: [count('connects')],
      },
      width: 16,
      height: 12,
    },
    {
      id: 'reasons',
      title: 'How its connections ended',
      question: 'Why did this client disconnect, and how long had it been there?',
      view: 'mqtt-connection',
      where: action('client-disconnected', 'session-taken-over'),
      chart: {
        type: 'table',
        rows: ['event.reason'],
        of: [count('times'), number('average', 'event.duration', 'average stay')],
      },
      width: 16,
      height: 12,
    },
    {
      id: 'refusals',
      title: 'What it was refused',
      question: 'Which logins, publishes and subscriptions were refused?',
      view: 'mqtt-logs',
      where: action(
        'client-authentication-failed',
        'client-connection-rejected',
        'publish-denied',
        'subscribe-denied',
        'deliver-denied',
      ),
      chart: { type: 'table', rows: ['event.action'], of: [count('times'), unique('mqtt.topic', 'topics')] },
      width: 16,
      height: 12,
    },
    {
      id: 'subscriptions',
      title: 'What it listens to',
      question: 'Why does this client not receive: is it subscribed, and was that granted?',
      view: 'mqtt-access',
      where: exists('mqtt.subscription.filter'),
      chart: {
        type: 'table',
        rows: ['mqtt.subscription.filter'],
        of: [
          count('requested', action('subscription-requested')),
          count('granted', action('subscription-added')),
          count('denied', action('subscribe-denied')),
          count('removed', action('subscription-removed')),
        ],
      },
      width: 24,
      height: 14,
    },
    {
      id: 'topics',
      title: 'What it sends and gets',
      question: 'On which topics does it publish, what is delivered to it, and what gets lost?',
      view: 'mqtt-message',
      where: exists('mqtt.topic'),
      chart: {
        type: 'table',
        rows: ['mqtt.topic'],
        of: [
          count('published', action('message-published')),
          count('delivered', action('message-delivered')),
          count('dropped', action('message-dropped')),
          number('average', 'mqtt.payload.size', 'average size'),
        ],
        size: 50,
      },
      width: 24,
      height: 14,
    },
    {
      id: 'events',
      title: 'Every event',
      question: 'What exactly happened, line by line?',
      search: 'mqtt-client-life',
      width: 48,
      height: 20,
    },
  ],
};
