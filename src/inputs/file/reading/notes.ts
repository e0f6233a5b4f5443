import type { Note } from '../../../core/source.ts';

/** A file does not hold any more what was not delivered of it. @param lost bytes */
export function truncated(file: string, input: string, lost: number): Note {
  return {
    action: 'input-gap',
    seen: Date.now(),
    reason: 'truncated',
    message: `${file} was truncated or overwritten before ${lost} bytes of it were delivered`,
    fields: { 'mqtt.probe.input.name': input },
  };
}
