import type { Input, InputHost } from '../../core/input.ts';
import type { FileInputConfig } from './config.ts';
import { FileTailer } from './tailer.ts';

export { check } from './check.ts';

/**
 * Log files. `tailer.ts` looks at everything, again and again:
 *
 * 1. `finding/`: which files there are, and which generation each of them holds.
 * 2. `reading/`: which of them hold something new. Such a file, unpacked where it was packed, becomes a source that the outputs
 *    read.
 * 3. `rotation/`: what becomes of it: renamed, packed, copied, truncated, deleted.
 *
 * `tailing/` is what these three share: the files that are known, when the last look was, what is wrong now.
 */
export function create(config: FileInputConfig, host: InputHost): Input {
  return new FileTailer(config, host);
}
