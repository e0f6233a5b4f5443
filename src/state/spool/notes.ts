import type { Note } from '../../core/source.ts';
import { amount } from '../../core/text/amount.ts';

/** Nothing of an input's earlier stream can be read. */
export function allLost(input: string): Note {
  const message = `the spool of input ${input} was damaged: what it held cannot be read`;
  return gap(input, 'spool_damaged', message, {});
}

/**
 * Records of an input are gone.
 * @param dropped to make room; else they cannot be read
 */
export function recordsLost(input: string, records: number, dropped: boolean): Note {
  const cause = dropped ? 'dropped from the full spool' : 'that cannot be read in the spool';
  const message = `lost: ${amount(records, 'record')} of input ${input}, ${cause}`;
  return gap(input, dropped ? 'queue_full' : 'spool_damaged', message, { 'mqtt.drop.count': records });
}

function gap(input: string, reason: string, message: string, fields: NonNullable<Note['fields']>): Note {
  return {
    action: 'input-gap',
    seen: Date.now(),
    reason,
    message,
    fields: { 'mqtt.probe.input.name': input, ...fields },
  };
}
