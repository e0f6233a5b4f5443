import type { LogLevel } from '../../../core/event.ts';
import { type Context, NO_CONTEXT } from '../line.ts';
import { bytesBehind } from '../text/line-length.ts';

/** A line has ended within a name: the name holds a line break. */
export type BrokenName = Context & { readonly type: 'broken' };

/** What such a line leaves open. @param end fixed end of its format */
export function brokenName(text: string, level: LogLevel | undefined, end: string): BrokenName {
  return { type: 'broken', level, end, bytes: bytesBehind(text) };
}

/** What a line behind it leaves open: the name goes on until a line has that end, but not longer than a message may be. */
export function restOfName(name: BrokenName, text: string): Context {
  const bytes = name.bytes - Buffer.byteLength(text) - 1;
  return text.endsWith(name.end) || bytes <= 0 ? NO_CONTEXT : { ...name, bytes };
}
