import type { LogLevel } from '../../../core/event.ts';
import { type Context, NO_CONTEXT } from '../context/context.ts';
import { bytesBehind } from '../text/line-length.ts';

/** What a line leaves open that ended within a name, because the name holds a line break. */
export type BrokenName = Context & { readonly type: 'broken' };

/**
 * @param text the line that ended within a name
 * @param end fixed end of its format
 */
export function brokenName(text: string, level: LogLevel | undefined, end: string): BrokenName {
  return { type: 'broken', level, end, bytes: bytesBehind(text) };
}

/**
 * What a further line leaves open: the name goes on up to a line with the fixed end, or until the message is as long as it
 * may be.
 */
export function restOfName(name: BrokenName, text: string): Context {
  const bytes = name.bytes - Buffer.byteLength(text) - 1;
  return text.endsWith(name.end) || bytes <= 0 ? NO_CONTEXT : { ...name, bytes };
}
