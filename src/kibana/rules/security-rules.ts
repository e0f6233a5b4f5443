import { action, and, exists, is, like, not, or } from '../../questions/query/query.ts';
import { opened, plainPort, wide } from '../dashboards/security.ts';
import type { Rule } from './rule.ts';

/** Somebody tries what it may not do, or what it never did. */
export const SECURITY_RULES: readonly Rule[] = [
  {
    id: 'refused-logins',
    name: 'many refused logins from one address',
    view: 'mqtt-connection',
    where: action('client-authentication-failed'),
    trigger: { kind: 'count', by: 'source.ip', over: 20, minutes: 5 },
    advice:
      'More than 20 refused logins from one address in 5 minutes. Many client ids or users: somebody guesses passwords; block the address at the firewall (EMQX: ban it) and look for logins from it that were taken. One client only: a device with an old password; give it the new one, or it goes on for ever.',
    dashboard: 'mqtt-security',
    security: true,
  },
  {
    id: 'denied-publishes',
    name: 'many denied publishes of one client',
    view: 'mqtt-access',
    where: action('publish-denied'),
    trigger: { kind: 'count', by: 'mqtt.client.id', over: 20, minutes: 5 },
    advice:
      'More than 20 publishes of one client were denied in 5 minutes. A new version of its program with other topics, a rule that was tightened, or a stolen account that tries topics. Open the client, compare the topics with its rules, ask its owner what changed.',
    dashboard: 'mqtt-security',
    security: true,
  },
  {
    id: 'wide-subscription',
    name: 'a new client listens to everything',
    view: 'mqtt-access',
    where: and(action('subscription-added', 'subscription-requested'), wide),
    trigger: { kind: 'fresh', who: 'mqtt.client.id', minutes: 60, days: 7 },
    advice:
      'A client that did not do so in the last 7 days subscribed to # or to $SYS. Monitoring does that; anybody else reads the traffic of the whole plant. If you do not know the client, disconnect it and take the right from its user.',
    dashboard: 'mqtt-security',
    security: true,
  },
  {
    id: 'anonymous-login',
    name: 'a login without user name',
    view: 'mqtt-connection',
    where: and(action('client-connected'), not(exists('user.name'))),
    trigger: { kind: 'count', by: 'service.name', over: 0, minutes: 5 },
    advice:
      'A client connected without a user name. Where that must not be: set allow_anonymous false (Mosquitto), or an authentication (EMQX). Clients that are known by certificate may come without a user name: leave this rule off there.',
    dashboard: 'mqtt-security',
    off: true,
    security: true,
  },
  {
    id: 'plain-or-old-tls',
    name: 'a connection without TLS, or with an old one',
    view: 'mqtt-logs',
    where: or(and(opened, plainPort), is('tls.version', '1', '1.0', '1.1')),
    trigger: { kind: 'count', by: 'service.name', over: 0, minutes: 15 },
    advice:
      'A client came by a port without TLS (1883, 8080, 8083), or with TLS before 1.2: passwords and payloads can be read on the way. Move the client to the TLS port, then close the plain one or bind it to localhost.',
    dashboard: 'mqtt-security',
    off: true,
    security: true,
  },
  {
    id: 'retained-overwrite',
    name: 'a retained message is overwritten by another client',
    view: 'mqtt-message',
    where: and(action('message-published'), is('mqtt.retained', true)),
    trigger: { kind: 'fresh', who: 'mqtt.client.id', within: 'mqtt.topic', minutes: 60, days: 7 },
    advice:
      'A retained topic that others wrote before was written by a client that did not do so in 7 days: every new subscriber gets its value. A replaced device is harmless; else read the value, write the right one, and bind the topic to one client by an access rule.',
    dashboard: 'mqtt-traffic',
    off: true,
    security: true,
  },
  {
    id: 'command-by-stranger',
    name: 'a command by an unusual client',
    view: 'mqtt-message',
    where: and(
      action('message-published'),
      or(
        like('mqtt.topic', '*/cmd*'),
        like('mqtt.topic', '*/command*'),
        like('mqtt.topic', '*/set'),
        like('mqtt.topic', 'cmnd/*'),
      ),
    ),
    trigger: { kind: 'fresh', who: 'mqtt.client.id', within: 'mqtt.topic', minutes: 60, days: 7 },
    advice:
      'A topic that commands something (…/cmd, …/command, …/set, cmnd/…) was written by a client that did not do so in 7 days. Ask who that is before the machine obeys again; allow command topics only to the clients that control.',
    dashboard: 'mqtt-traffic',
    security: true,
  },
];
