import type { InputConfig } from '../registry.ts';
import type { TopLevel } from './schema.ts';
import { type Report, unknown } from './schema-check.ts';

/**
 * What no schema says of one input: rules between its keys, and with the rest of the configuration.
 * @param top undefined: something else is wrong there
 * @param brokers names of those that are known
 */
export function checkRules(
  name: string,
  input: InputConfig,
  top: TopLevel | undefined,
  brokers: readonly string[],
  report: Report,
): void {
  const refuse = (key: string, message: string): void => report(['inputs', name, key], message);
  const isPrivate = top?.privacy !== undefined;
  if (!brokers.includes(input.broker)) refuse('broker', unknown('broker', input.broker, brokers));
  if (isPrivate && 'original' in input && input.original)
    refuse('original', 'the line as it is hides nothing; leave it out, or "privacy"');
  if (isPrivate && 'prometheus' in input && input.prometheus.length > 0)
    refuse('prometheus', 'series name clients and users as they are; leave it out, or "privacy"');
  if ('spool' in input && input.when_full !== undefined && !input.spool)
    refuse('when_full', 'a file waits where it is; leave it out, or write "spool: true"');
  if (input.broker === 'json' && !('fields' in input))
    refuse('broker', 'records of "json" need a "fields" table: an input of type tcp has one');
}
