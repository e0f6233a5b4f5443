import type { InputHost } from '../../../core/input.ts';
import type { FileInputConfig } from '../config.ts';
import type { Problems } from './problems.ts';
import type { Scans } from './scans.ts';
import type { TrackedFiles } from './tracked-files.ts';

/** What the parts of one tailer share. */
export interface Tailing {
  readonly config: FileInputConfig;
  readonly host: InputHost;
  /** Nothing was ever read for this probe when it began to run: `start` applies. */
  readonly isFirstRun: boolean;
  readonly files: TrackedFiles;
  readonly scans: Scans;
  readonly problems: Problems;
}
