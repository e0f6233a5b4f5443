import type { Input, InputHost } from '../../core/input.ts';
import type { FileInputConfig } from './config.ts';
import { FileTailer } from './tailer.ts';

export { check } from './check.ts';

/**
 * Log files. `tailer.ts` looks at everything, again and again:
 *
 * 1. `finding/`: which files there are, which generation each of them holds, and which of them hold something new.
 * 2. `reading/`: opens one, unpacked where it was packed, and makes a source of it, which the outputs read.
 * 3. `rotation/`: what becomes of it: renamed, packed, copied, truncated, deleted.
 *
 * `tailing/` is what these three share: the files that are known, when the last look was, what is wrong now.
 */
export function create(config: FileInputConfig, host: InputHost): Input {
  return new FileTailer(config, host);
}
