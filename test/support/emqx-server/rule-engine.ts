import { matchesFilter } from '../../../src/core/mqtt/topic.ts';
import { RULE_EVENTS } from '../../../src/emqx-api/rules/events.ts';

/** Columns of an event. */
export type Columns = Readonly<Record<string, string>>;

/** A rule: its SQL, and what it does with an event that it selects. */
interface Rule {
  readonly sql: string;
  readonly action: (columns: Columns) => void;
}

/**
 * A broker in the small, with the rule engine of EMQX as far as loops of events need it: who publishes, who gets it, which events
 * that makes, which rules select them, and what their actions publish again. Conditions are judged as `emqx_rule_runtime` does:
 * a comparison with a column that is not there is false.
 */
export class RuleBroker {
  /** Events so far. */
  events = 0;
  private readonly rules: readonly {
    from: readonly string[];
    passes: (columns: Columns) => boolean;
    rule: Rule;
  }[];
  private readonly subscribers = new Map<string, readonly string[]>();
  private readonly queue: { readonly topic: string; readonly publisher: string }[] = [];

  constructor(rules: readonly Rule[]) {
    this.rules = rules.map((rule) => ({ ...parse(rule.sql), rule }));
  }

  connect(client: string, filters: readonly string[]): void {
    this.raise({ event: 'client.connected', clientid: client });
    for (const topic of filters) this.raise({ event: 'session.subscribed', clientid: client, topic });
    this.subscribers.set(client, filters);
  }

  alarm(name: string): void {
    this.raise({ event: 'alarm.activated', name });
  }

  publish(topic: string, publisher: string): void {
    this.queue.push({ topic, publisher });
  }

  /** Works until nothing is left to do. @returns false: there is no end of it */
  settle(maxEvents = 10_000): boolean {
    for (let message = this.queue.shift(); message !== undefined; message = this.queue.shift()) {
      const { topic, publisher } = message;
      this.raise({ event: 'message.publish', clientid: publisher, topic });
      const receivers = [...this.subscribers].filter(([, filters]) =>
        filters.some((filter) => matchesFilter(filter, topic)),
      );
      if (receivers.length === 0) this.raise({ event: 'message.dropped', clientid: publisher, topic });
      for (const [clientid] of receivers) {
        this.raise({ event: 'message.delivered', clientid, from_clientid: publisher, topic });
        this.raise({ event: 'message.acked', clientid, from_clientid: publisher, topic });
      }
      if (this.events > maxEvents) return false;
    }
    return true;
  }

  private raise(columns: Columns): void {
    this.events++;
    for (const { from, passes, rule } of this.rules) {
      const isMeant = from.some((topic) =>
        columns.event === 'message.publish'
          ? !topic.startsWith('$events/') && matchesFilter(topic, columns.topic ?? '')
          : RULE_EVENTS.some((event) => event.from === topic && event.name === columns.event),
      );
      if (isMeant && passes(columns)) rule.action(columns);
    }
  }
}

function parse(sql: string): { from: string[]; passes: (columns: Columns) => boolean } {
  const [, from = '', where] = /^SELECT \* FROM (.+?)(?: WHERE (.+))?$/.exec(sql) ?? [];
  const conditions = (where === undefined ? [] : where.split(' and ')).map((text) => {
    const [, column = '', operator, value = ''] = /^not \((\w+) (=~?) '([^']*)'\)$/.exec(text) ?? [];
    if (operator === undefined) throw new Error(`this condition is not known here: ${text}`);
    return (columns: Columns): boolean => {
      const is = columns[column];
      if (is === undefined) return true;
      return !(operator === '=' ? is === value : matchesFilter(value, is));
    };
  });
  return {
    from: [...from.matchAll(/"([^"]+)"/g)].map(([, topic = '']) => topic),
    passes: (columns) => conditions.every((holds) => holds(columns)),
  };
}
