import type { Rule } from '../../kibana/rules/rule.ts';
import { type RuleFeatures, ruleBody, ruleId } from '../../kibana/rules/rule-body.ts';
import { at, holds } from '../answer.ts';
import type { Asset, Request, State } from '../asset.ts';
import { taken } from './server.ts';

/** An alert rule. What its users add, its actions and whether it is on, is kept when it is made anew. */
export function ruleAsset(rule: Rule, namespace: string, features: RuleFeatures): Asset {
  const body = ruleBody(rule, namespace, features);
  const { enabled, actions: _none, rule_type_id, consumer, ...definition } = body;
  const path = `/api/alerting/rule/${ruleId(rule)}`;
  const create: Request = { method: 'POST', path, body };
  return {
    kind: 'rules',
    name: rule.id,
    exported: { file: `rules/${rule.id}.json`, text: `${JSON.stringify(body, null, 2)}\n` },
    requests: [create],
    async find(server, signal): Promise<State> {
      const { status, body: found } = await server.send({ method: 'GET', path }, signal);
      if (status === 404) return 'absent';
      return holds(found, { ...definition, rule_type_id, consumer }) ? 'same' : 'different';
    },
    async install(server, found, signal): Promise<void> {
      if (found === 'absent') {
        taken(await server.send(create, signal), `POST ${path}`);
        return;
      }
      const there = await server.send({ method: 'GET', path }, signal);
      const change = { ...definition, actions: actionsOf(there.body) };
      taken(await server.send({ method: 'PUT', path, body: change }, signal), `PUT ${path}`);
    },
    async remove(server, signal): Promise<void> {
      const reply = await server.send({ method: 'DELETE', path }, signal);
      if (reply.status !== 404) taken(reply, `DELETE ${path}`);
    },
  };
}

/** What Kibana shows of an action holds a key that it does not take back. */
function actionsOf(rule: unknown): object[] {
  const actions = at(rule, 'actions');
  if (!Array.isArray(actions)) return [];
  return actions.map(({ connector_type_id: _, ...action }) => action);
}
