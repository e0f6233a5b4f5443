import type { Input, InputHost } from '../../core/input.ts';
import type { FileInputConfig } from './config.ts';
import { FileTailer } from './tailer.ts';

export { check } from './check.ts';

/**
 * Log files. `tailer.ts` looks at everything, again and again (`scans.ts`):
 *
 * 1. `discovery.ts` finds files, `admission.ts` decides which of them hold something new: `identity.ts` recognises the
 *    generations that are known.
 * 2. `intake.ts` makes a source of one and hands it to the outputs, which read it (`file-source.ts`).
 * 3. `rotation.ts`, `siblings.ts` and `copy-search.ts` follow what becomes of it: renamed, packed, copied, truncated, deleted.
 */
export function create(config: FileInputConfig, host: InputHost): Input {
  return new FileTailer(config, host);
}
